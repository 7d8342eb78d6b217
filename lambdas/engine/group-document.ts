import { MigrationError } from '../domain/errors.ts';
import { type GroupRead, readGroup } from '../gitlab/api/group-read.ts';
import type { GitLabClient, Page } from '../gitlab/client.ts';
import type { Tracker } from '../store/trackers.ts';
import type { EntityRun } from './entity-run.ts';
import type { DocumentPart, PipelineContext, Relation, RelationEntry } from './relation.ts';
import { knownGroup } from './source-group.ts';
import { isTrouble } from './write-records.ts';

/** With fewer parts than this left to read, each is read by itself. */
const FEWEST_PARTS = 2;

type WithPart = RelationEntry & { part?: DocumentPart<unknown> };

/**
 * What one document tells of the source's group, for the relations that a run begins with: read when the first of them
 * asks, and once. `undefined` where they read by themselves: there is too little left, or one of them has waited for an
 * outage, which may be that of the document alone, too much for this GitLab or for what stands before it.
 */
export function documentOf(
  relations: readonly WithPart[],
  run: EntityRun,
  source: GitLabClient,
): PipelineContext['document'] {
  const isWanted = ({ name, optIn }: RelationEntry) => run.entity.relations[name] ?? !optIn;
  const open = relations.flatMap(({ part, ...entry }) => {
    const tracker = run.tracker(entry);
    const isOpen = part && isWanted(entry) && !run.hasEnded(entry) && isAtBegin(part, tracker);
    return isOpen ? [{ part, tracker }] : [];
  });
  const isTroubled = open.some(({ tracker }) => tracker.waited.outage !== undefined);
  if (open.length < FEWEST_PARTS || isTroubled) return undefined;
  const { entity, bulkImport } = run;
  const asked = Object.assign({}, ...open.map(({ part }) => part.asks?.(run)));
  const without = relations.flatMap(({ part, ...entry }) =>
    part?.only && !isWanted(entry) ? [part.only] : [],
  );
  const wanted = { ...knownGroup(entity), version: bulkImport.sourceVersion, without, ...asked };
  let reading: Promise<GroupRead | undefined> | undefined;
  return () => {
    reading ??= readGroup(source, wanted).catch(error => {
      // Whoever asks again after trouble asks the source.
      if (isTrouble(error)) reading = undefined;
      if (isTrouble(error) || !(error instanceof MigrationError)) throw error;
      return undefined;
    });
    return reading;
  };
}

/** The page of a relation at its cursor: the first one from the document where that has it. */
export async function readPage<Source>(
  relation: Pick<Relation<Source, never, never>, 'part' | 'read'>,
  context: PipelineContext,
  tracker: Tracker,
): Promise<Page<Source>> {
  const { part } = relation;
  const group = part && isAtBegin(part, tracker) ? await context.document?.() : undefined;
  const told = group && (await part?.page(group, context));
  if (told === undefined) return relation.read(context, tracker.cursor);
  tracker.cursor = part?.cursor ?? null;
  return told;
}

/** Whether nothing is done of what the document has, or only of the very page that it has. */
function isAtBegin({ cursor }: Pick<DocumentPart<unknown>, 'cursor'>, tracker: Tracker): boolean {
  return tracker.cursor === (cursor ?? null) || (tracker.cursor === null && tracker.done === 0);
}
