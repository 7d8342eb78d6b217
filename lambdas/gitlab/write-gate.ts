import type { Instance } from '../domain/errors.ts';

/** What a write does to a record of a GitLab, in terms that do not depend on how it is sent. */
export type Change = ChangedRecord &
  ({ kind: 'create' } | { kind: 'change'; fields: readonly string[] } | { kind: 'delete' });

interface ChangedRecord {
  /** GitLab's name of the kind of record. */
  target:
    | 'Badge'
    | 'Board'
    | 'BoardList'
    | 'Group'
    | 'Label'
    | 'Member'
    | 'Milestone'
    | 'Project'
    | 'ProjectExport'
    | 'ProjectImport'
    | 'WikiPage';
  /** What people call the record; `null` where only its id is known. */
  title: string | null;
  /** Of a membership, its user. Absent for what is still to be made. */
  id?: number;
}

/** A write as it comes to the gate. */
export interface StatedWrite {
  /** In the infinitive: `create the label`. */
  operation: string;
  /** One for each record: a document of several mutations states several. */
  changes: readonly Change[];
}

/**
 * The order of a project's archive is a POST, but makes nothing at the source except a file of its user, which GitLab
 * deletes after a day. It is the one write that a source gets.
 */
const isOrderOfArchive = ({ kind, target }: Change) => kind === 'create' && target === 'ProjectExport';

/**
 * The one way by which a change gets to a GitLab. The source of an import is only ever read, whatever its token may do,
 * and asked for the archives of its projects.
 *
 * @throws Error for a change at the source, which is a mistake of ours
 */
export async function throughGate<T>(
  instance: Instance,
  { operation, changes }: StatedWrite,
  send: () => Promise<T>,
): Promise<T> {
  if (changes.length === 0) throw new Error(`What changes is not stated by whoever would ${operation}.`);
  if (instance === 'source' && !changes.every(isOrderOfArchive)) {
    throw new Error(`The source is only read, and not asked to ${operation}.`);
  }
  return send();
}
