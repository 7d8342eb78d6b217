import { type Decision, onlyPage, type PipelineContext, type Relation } from '../engine/relation.ts';
import { relationInWords } from '../gitlab/api/project-counts.ts';
import { TemporaryError } from '../gitlab/errors.ts';
import type { Counts } from '../store/trackers.ts';
import { type Compared, compareAgain, compareCounts, isCompared, notCompared } from './counted-project.ts';
import { pipelineClassOf } from './failed-relations.ts';
import { checkLeftOut } from './left-out-of-archive.ts';
import { type Missing, missingOf, recordsMissing } from './missing-records.ts';
import { REPAIRED } from './repairs.ts';

/** What is checked of a project: each relation by itself, whether all could be, and what no archive has. */
type Check =
  | ({ is: 'relation' } & Compared & Missing)
  | { is: 'compared'; relations: Compared[] }
  | { is: 'in the archive' };

/** How long a replica of the destination's database is given to show what was imported; seconds. */
const LAG_SECONDS = 10;

/**
 * Compares what the source had when the archive was made with what the destination has now. GitLab's word that an import
 * has finished is not taken for that: each shortfall that has no failure of its own is one here. The counts are the
 * `stats` of the relations.
 */
export const projectCounts: Relation<Check, Check, undefined> = {
  name: 'project_counts',
  pipelineClass: 'BulkImports::Projects::Pipelines::ProjectPipeline',
  relation: 'project_counts',
  parallel: 20,
  comesWhole: true,
  tellsOf: REPAIRED,

  async read(context) {
    const compared = await compareAgain(await compareCounts(context), context);
    const missing = await Promise.all(compared.map(one => missingOf(one, context)));
    if (missing.some(({ untold }) => untold > 0)) lookAgain(context);
    const relations = compared.map((one, index) => ({ ...one, ...(missing[index] as Missing) }));
    noteCounts(relations, context);
    return onlyPage<Check>([
      ...relations.map(relation => ({ is: 'relation' as const, ...relation })),
      { is: 'compared', relations: compared },
      { is: 'in the archive' },
    ]);
  },

  existing: async () => undefined,
  nameOf(check) {
    if (check.is !== 'relation')
      return { key: check.is, title: check.is === 'compared' ? 'counts' : 'archive' };
    const { relation, isBrought } = check;
    const as = { relation, pipelineClass: pipelineClassOf(relation) };
    const name = { key: relation, title: relationInWords(relation), as };
    return isBrought ? { ...name, broughtBy: REPAIRED } : name;
  },
  want: check => check,

  async decide(check, _, context): Promise<Decision> {
    if (check.is === 'relation' && check.untold > 0) throw recordsMissing(check, context);
    if (check.is === 'compared') checkCompared(check.relations);
    if (check.is === 'in the archive') await checkLeftOut(context);
    return 'keep';
  },
};

/** Has a shortfall counted once more before it is told: what was imported a moment ago may not be in a replica yet. */
function lookAgain({ state }: PipelineContext): void {
  if (state.get().hasLookedAgain === true) return;
  state.set({ hasLookedAgain: true });
  const reason = 'it does not show yet all that it has imported';
  throw new TemporaryError(`The destination GitLab is asked again what it has imported: ${reason}.`, {
    instance: 'destination',
    method: 'GET',
    reason,
    waitsFor: 'job',
    retryAfter: LAG_SECONDS,
  });
}

/** What could not be counted at both GitLabs stays as it was noted: nobody can say what has arrived of it. */
function noteCounts(relations: (Compared & Missing)[], { entity, noteOnEntity }: PipelineContext): void {
  const counted: Record<string, Counts> = { ...entity.counted };
  for (const { source, missing, ...others } of relations) {
    if (source === undefined || !isCompared({ source, ...others })) continue;
    const imported = source - missing;
    counted[others.relation] = { source, fetched: source, imported, skipped: 0, failed: missing, skips: {} };
  }
  noteOnEntity({ counted });
}

function checkCompared(relations: Compared[]): void {
  const left = relations.filter(relation => !isCompared(relation));
  if (left.length > 0) throw notCompared(left);
}
