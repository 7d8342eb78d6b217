import type { Instance } from '../domain/errors.ts';
import { hadNoEffect, isThrottled, wasNeverSent } from './client-errors.ts';

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
    | 'RelationImport'
    | 'WikiPage';
  /** What people call the record; `null` where there is nothing but an id, or one record of its kind. */
  title: string | null;
  /** Title of the record that it is a part of: of a list, its board. */
  within?: string;
  /** Of a membership, its user. Absent for what is still to be made. */
  id?: number;
}

/** A write as it comes to the gate. */
export interface StatedWrite {
  /** In the infinitive: `create the label`. */
  operation: string;
  method: 'POST' | 'PUT' | 'DELETE';
  /** Where it is sent to, without query: ids and names of what is written into, and nothing of what is written. */
  path: string;
  /** One for each record: a document of several mutations states several. */
  changes: readonly Change[];
  /** Names of what is sent of each, in the same order; one for all where they are alike. */
  attributes: readonly (readonly string[])[];
}

/** What became of a write, as far as a GitLab has said so. */
export type WriteResult = 'created' | 'updated' | 'deleted' | 'refused' | 'not_sent';

/** What became of one record of a write. */
export interface WriteEnd {
  /** Absent when nobody knows: there was no answer, or none that tells. */
  result?: WriteResult;
  /** The id that the GitLab has given it. */
  targetId?: number;
}

/** How a GitLab has answered. */
export interface WriteResponse {
  status: number;
  /** By which its log can be searched. */
  requestId?: string;
}

/** Where it is written down what is sent, and what became of it. */
export interface WriteLog {
  /**
   * Writes down that this is about to be sent.
   *
   * @returns who is told how it ended, once, with one end per change
   * @throws StoreError when it cannot be written down: nothing is sent then
   */
  begin(write: StatedWrite): Promise<(ends: readonly WriteEnd[], response?: WriteResponse) => void>;
}

/** How the gate of a client is. */
export interface WriteGate {
  /** Whether nothing gets through, as in a run that only looks. */
  isClosed?: boolean;
  /** Where it is written down what gets through; nowhere unless given. */
  log?: WriteLog;
}

/** What whoever sends a request tells of it. */
export interface RequestWatch {
  /** Just before the request goes out: it has its turn by now. @throws StoreError when it may not */
  sending(): Promise<void>;
  /** When there is a response of the GitLab's own. */
  answered(response: { status: number; headers: Record<string, string> }): void;
}

/**
 * The order of a project's archive is a POST, but makes nothing at the source except a file of its user, which GitLab
 * deletes after a day. It is the one write that a source gets.
 */
const isOrderOfArchive = ({ kind, target }: Change) => kind === 'create' && target === 'ProjectExport';

/** What GitLab's own reverse proxy and Rails name a request by. It goes into the table, so it is no text of any length. */
const REQUEST_ID = /^[\w.:-]{1,100}$/;

/**
 * The one way by which a change gets to a GitLab. The source of an import is only ever read, whatever its token may do,
 * and asked for the archives of its projects.
 *
 * @param gate how the gate of this client is
 * @param send sends the request, and tells the watch of it
 * @param endsOf what became of each record, by the response
 * @throws Error for a change at the source, or by a run that only looks, which are mistakes of ours
 */
export async function throughGate<T>(
  instance: Instance,
  stated: StatedWrite,
  { isClosed = false, log }: WriteGate,
  send: (watch: RequestWatch) => Promise<T>,
  endsOf: (response: T) => readonly WriteEnd[],
): Promise<T> {
  const { operation, changes } = stated;
  if (isClosed) throw new Error(`A run that only looks changes nothing, and was about to ${operation}.`);
  if (changes.length === 0) throw new Error(`What changes is not stated by whoever would ${operation}.`);
  if (instance === 'source' && !changes.every(isOrderOfArchive)) {
    throw new Error(`The source is only read, and not asked to ${operation}.`);
  }
  let end: Awaited<ReturnType<WriteLog['begin']>> | undefined;
  let response: WriteResponse | undefined;
  const watch: RequestWatch = {
    async sending() {
      end = await log?.begin(stated);
    },
    answered({ status, headers }) {
      const requestId = headers['x-request-id'];
      const isId = requestId !== undefined && REQUEST_ID.test(requestId);
      response = { status, ...(isId && { requestId }) };
    },
  };
  try {
    const result = await send(watch);
    end?.(endsOf(result), response);
    return result;
  } catch (error) {
    const result = resultOf(error);
    end?.(
      changes.map(() => (result === undefined ? {} : { result })),
      response,
    );
    throw error;
  }
}

/** What is known of a write that has ended with an error. */
function resultOf(error: unknown): WriteResult | undefined {
  if (hadNoEffect(error) || isThrottled(error)) return 'refused';
  return wasNeverSent(error) ? 'not_sent' : undefined;
}
