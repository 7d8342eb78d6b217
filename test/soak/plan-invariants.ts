import { PLANNED_RELATIONS } from '../../lambdas/pipelines/stages.ts';
import { sumChanges } from '../../lambdas/store/changes.ts';
import { isWrite } from './fault-kinds.ts';
import { type Invariant, sum } from './invariant.ts';

/** What must hold after every plan, whatever went wrong on its way; the rest is in `invariants.ts`. */

/** It changes nothing, and orders no archive. */
const planWritesNothing: Invariant = ({ source, destination }) =>
  [source, destination].flatMap(gitlab =>
    gitlab.requests.filter(isWrite).map(({ method, path }) => `${method} ${path} was sent`),
  );

/** Each record that was read has come to one end, and what could not be read is blocked. */
const planAddsUp: Invariant = (_, { entities }) =>
  entities.flatMap(({ id, sourceType, stats, changes = {} }) =>
    PLANNED_RELATIONS[sourceType].flatMap(({ relation, makesEntities }) => {
      const { source = 0, imported = 0 } = stats[relation] ?? {};
      const foreseen = sum(Object.values(changes[relation] ?? {}));
      const made = makesEntities ? imported : 0;
      const fetched = stats[relation]?.fetched ?? 0;
      return foreseen + made === fetched && fetched <= source
        ? []
        : [`${relation} of entity ${id}: ${foreseen} of ${source} came to an end`];
    }),
  );

/** What it has come to is the sum of what its groups and projects have. */
const totalsAreSums: Invariant = (_, { record, entities }) => {
  if (record?.totals === undefined) {
    return record?.status === 'finished' ? ['it has finished without a sum'] : [];
  }
  const summed = sumChanges(entities.flatMap(({ changes = {} }) => Object.values(changes)));
  return JSON.stringify(summed) === JSON.stringify(record.totals.changes)
    ? []
    : [`the sum of ${JSON.stringify(summed)} is ${JSON.stringify(record.totals.changes)}`];
};

/** Every group of the source was planned, or something above it says why not. */
const nothingIsForgotten: Invariant = ({ source, answer }, { record, entities, failures }) => {
  if (answer !== 201 || record?.status !== 'finished') return [];
  const known = new Set(entities.map(({ sourceId }) => sourceId));
  return source
    .groups()
    .filter(({ id, parentId }) => !known.has(id) && known.has(parentId ?? 0))
    .filter(({ parentId }) => {
      const parent = entities.find(({ sourceId }) => sourceId === parentId);
      return !failures.some(({ entityId }) => entityId === parent?.id);
    })
    .map(({ fullPath }) => `${fullPath} was not planned, and nothing says why`);
};

export const PLAN_INVARIANTS = { planWritesNothing, planAddsUp, totalsAreSums, nothingIsForgotten };
