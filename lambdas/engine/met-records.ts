import { type AuditEvent, cutTitle, listAuditEvents } from '../store/audit-events.ts';
import { getEntity } from '../store/entities.ts';
import { listFailures, listResolvedFailures } from '../store/failures.ts';
import { oncePerRun } from './once-per-run.ts';
import { failureKey, pipelineKeys } from './record-failures.ts';
import type {
  PipelineContext,
  RecordName,
  Relation,
  RelationEntry,
  SentWrite,
  StagedEntry,
} from './relation.ts';

/** What the import that is verified has written down of the records of one entity. */
interface Met {
  /** Its writes, by relation. */
  writes: ReadonlyMap<string, AuditEvent[]>;
  /** The titles that these have stated, by relation. */
  titles: ReadonlyMap<string, ReadonlySet<string>>;
  /** Keys of its failures, of those that a later attempt has overcome, too. */
  failures: ReadonlySet<string>;
  /** Whether it can be told by these which records it has met: an entity that has not come to its own end left some unread. */
  isWhole: boolean;
}

/** Read when the first record of an entity is missing; where none is, nothing of this is. No count is among it. */
const metOf = oncePerRun(
  async ({ bulkImport: { subjectId = 0 }, entity: { id } }: PipelineContext): Promise<Met> => {
    const [{ status }, events, open, overcome] = await Promise.all([
      getEntity(subjectId, id),
      listAuditEvents(subjectId, id),
      listFailures(subjectId, id),
      listResolvedFailures(subjectId, id),
    ]);
    const writes = Map.groupBy(events, ({ relation }) => relation);
    return {
      writes,
      titles: new Map([...writes].map(([relation, all]) => [relation, new Set(all.flatMap(statedBy))])),
      failures: new Set([...open, ...overcome].map(({ key }) => key)),
      isWhole: status === 'finished' && events.length > 0,
    };
  },
);

const statedBy = ({ within, title }: SentWrite): string[] => {
  const stated = within ?? title;
  return stated === null ? [] : [stated];
};

/** Whether the import has made a record of this title, which is gone if it is not there: one that stands for it is not it. */
export async function hasMade(
  { relation }: Pick<RelationEntry, 'relation'>,
  context: PipelineContext,
  title: string,
): Promise<boolean> {
  const { writes } = await metOf(context);
  const made = (writes.get(relation) ?? []).filter(
    ({ result }) => result === 'created' || result === 'found',
  );
  return made.some(write => statedBy(write).includes(cutTitle(title)));
}

/**
 * Whether a record that is missing has come to the source since the import: that has neither sent it nor failed at it.
 * What GitLab's own import brings into a project leaves no events, and what the entity itself is cannot be new.
 *
 * @param wanted `undefined` where that could not be decided
 */
export async function isNewAtSource<Source, Wanted, Existing>(
  relation: Relation<Source, Wanted, Existing> & StagedEntry,
  context: PipelineContext,
  name: RecordName,
  wanted: Wanted | undefined,
): Promise<boolean> {
  const { isAbout } = relation;
  if (context.entity.sourceType === 'project_entity' || relation.abortOnFailure) return false;
  if (isAbout !== undefined && wanted === undefined) return false;
  const { writes, titles, failures, isWhole } = await metOf(context);
  if (!isWhole) return false;
  if ([failureKey(relation, name), ...pipelineKeys(relation)].some(key => failures.has(key))) return false;
  const sent = writes.get(relation.relation) ?? [];
  if (isAbout !== undefined) return !sent.some(write => isAbout(write, wanted as Wanted));
  // A write that states no title is about the only record.
  if (sent.some(({ title, within }) => (within ?? title) === null)) return false;
  return name.title === null || !titles.get(relation.relation)?.has(cutTitle(name.title));
}
