import { isTerminal, isTrackerTerminal } from '../../lambdas/domain/statuses.ts';
import { SKIP_REASONS } from '../../lambdas/engine/relation.ts';
import { PLANNED_RELATIONS, RELATIONS, relationOf } from '../../lambdas/pipelines/stages.ts';
import type { Counts } from '../../lambdas/store/counts.ts';
import type { Entity } from '../../lambdas/store/entity.ts';
import {
  eventsHaveNoContent,
  everyWriteHasItsEvent,
  resultsAreFinal,
  whatIsThereWasWrittenDown,
} from './audit-invariants.ts';
import { nothingIsDoubled, nothingIsLost, onlyOursIsWritten } from './content-invariants.ts';
import { dependentsOf } from './fault-expectations.ts';
import { type Invariant, itemsLike, NOTICE, ownGroups, sum } from './invariant.ts';
import { passes } from './mishaps.ts';
import { PLAN_INVARIANTS } from './plan-invariants.ts';
import {
  noExportIsAskedForTwice,
  noForeignProjectIsTouched,
  noProjectIsDoubled,
  noProjectIsLost,
  onlyExportsAreAskedOfTheSource,
} from './project-invariants.ts';
import { recordsOf } from './records.ts';
import { LATER_TOKENS, TOKENS, TOKENS_OF_OTHERS } from './sample-source.ts';
import type { Schedule } from './schedule.ts';
import { WISH_INVARIANTS } from './wish-invariants.ts';
import type { Aftermath } from './world.ts';

/**
 * What must hold after every import, whatever went wrong on its way. The README promises it under "What you can rely
 * on"; each promise is one function here, which returns how it was broken.
 */

/**
 * An outage is met more than thirty times in two hours before a pipeline fails, and a function is called three times
 * before it has failed.
 */
const MOST_TROUBLES = 25;
const MOST_CRASHES = 2;

/** Every import, every entity and every pipeline ends; nothing stays open. */
const everythingEnds: Invariant = ({ table, answer }, { record, entities, trackers }) => [
  ...(record === undefined && answer === 201 ? ['the import was accepted and is not there'] : []),
  ...(record !== undefined && !isTerminal(record.status) ? [`the import is still '${record.status}'`] : []),
  ...entities
    .filter(({ status }) => !isTerminal(status))
    .map(({ id, status }) => `entity ${id} is still '${status}'`),
  ...trackers
    .filter(({ status }) => !isTrackerTerminal(status))
    .map(({ entityId, pipeline, status }) => `${pipeline} of entity ${entityId} is still '${status}'`),
  // As they are stored: what an entity shows of itself once it has finished would end with it.
  ...itemsLike(table.items.values(), 'ENTITY#', 'sk')
    .filter(({ status }) => status === 'finished')
    .flatMap(({ id, sourceType, trackers: stored }) =>
      (record?.kind === 'plan' ? PLANNED_RELATIONS : RELATIONS)[sourceType as Entity['sourceType']].map(
        ({ name }) => ({
          id,
          name,
          tracker: (stored as Entity['trackers'])[name],
        }),
      ),
    )
    .filter(({ tracker }) => tracker === undefined || !isTrackerTerminal(tracker.status))
    .map(({ id, name, tracker }) => `entity ${id} has finished, and its ${name} is '${tracker?.status}'`),
  ...itemsLike(table.items.values(), 'OPEN', 'pk').map(() => 'the import is still listed as open'),
];

/** A cancel that was answered is final, for the import and everything in it. */
const canceledIsFinal: Invariant = ({ canceled }, { record, entities }) => {
  if (canceled !== 200) return [];
  return [
    ...(record?.status === 'canceled' ? [] : [`canceled, and the import is '${record?.status}'`]),
    ...entities
      .filter(({ status }) => status !== 'canceled')
      .map(({ id, status }) => `canceled, and entity ${id} is '${status}'`),
  ];
};

/** A request that was refused has left nothing, at the destination either. */
const refusedMeansNothing: Invariant = ({ destination, answer, foreign }, { record }) => {
  if (answer === undefined || answer === 201) return [];
  return [
    ...(record !== undefined && record.status !== 'failed'
      ? [`refused with ${answer}, and there is an import`]
      : []),
    ...(ownGroups(destination, foreign).length > 0 ? [`refused with ${answer}, and there is a group`] : []),
  ];
};

/** Of a pipeline that finished every record is counted once, and each that failed has a failure that names it. */
const countsAreExact: Invariant = (_, { entities, trackers, failures }) =>
  trackers.flatMap(({ entityId, pipeline, status, counts }) => {
    const where = `${pipeline} of entity ${entityId}`;
    const { source, fetched, imported, skipped, failed } = counts;
    const own = failures.filter(
      failure => failure.entityId === entityId && failure.key.split('#')[1] === pipeline,
    );
    const entity = entities.find(({ id }) => id === entityId);
    // Groups below one that was ended have failures under it, and what GitLab has left out of an archive has, and each
    // attribute that something was moved without: none of them are records of its own.
    const named = own.filter(
      ({ sourceTitle, exceptionClass, relation }) =>
        sourceTitle !== null &&
        exceptionClass !== LEFT_OUT &&
        exceptionClass !== NOTICE &&
        exceptionClass !== ATTRIBUTE &&
        (entity === undefined ||
          // What is missing of a project is named by its own relation.
          pipeline === 'project_counts' ||
          relation === relationOf(entity.sourceType, pipeline).relation),
    );
    const stats = entity?.stats[relationOf(entity.sourceType, pipeline).relation];
    return [
      ...(fetched === imported + skipped + failed && skipped === sum(Object.values(counts.skips))
        ? []
        : [`${where}: ${JSON.stringify(counts)} does not add up`]),
      ...(status === 'finished' && source !== fetched
        ? [`${where} finished with ${fetched} of ${source}`]
        : []),
      ...(status === 'finished' && named.length !== failed
        ? [`${where}: ${failed} failed, ${named.length} of them have a failure`]
        : []),
      ...(status === 'finished' && source > 0 && stats?.imported !== imported
        ? [`${where}: stats say ${stats?.imported}, the pipeline ${imported}`]
        : []),
    ];
  });

/** Whoever looks at an import that was not canceled sees that something failed, and a failure says what. */
const failuresShow: Invariant = (_, { record, entities, trackers, failures }) => {
  const of = (entityId: number) => failures.filter(failure => failure.entityId === entityId);
  return [
    ...entities
      .filter(({ id, hasFailures, status }) => status !== 'canceled' && hasFailures !== of(id).length > 0)
      .map(
        ({ id, status, hasFailures }) =>
          `entity ${id} ('${status}') has has_failures ${hasFailures} and the failures ${JSON.stringify(of(id))}`,
      ),
    ...(record !== undefined && record.status !== 'canceled' && failures.length > 0 && !record.hasFailures
      ? ['there are failures, and the import does not say so']
      : []),
    ...entities
      .filter(({ id, status }) => status === 'failed' && of(id).length === 0)
      .map(({ id }) => `entity ${id} failed without a reason`),
    ...trackers
      .filter(({ entityId, status }) => status === 'failed' && of(entityId).length === 0)
      .map(({ entityId, pipeline }) => `${pipeline} of entity ${entityId} failed without a reason`),
    ...failures
      .filter(({ exceptionMessage }) => exceptionMessage === '')
      .map(({ key }) => `${key} has no message`),
  ];
};

/** Trouble that passes, and a crash or two, leave no trace. */
const passingTroubleIsForgotten: Invariant = ({ answer, foreign }, { record, failures }, schedule) => {
  const { mishaps, crashes, cancelAfter, throttled, deadly, imports } = schedule;
  // It takes whoever works with what it brings with it, and all that is in a group which it does not make.
  if (deadly?.name === 'group') return [];
  const concerned = [...(deadly === undefined ? [] : [deadly.name, ...dependentsOf(deadly.name)])];
  const interruptions = crashes.length + (throttled?.times ?? 0);
  // It uses up two of three tries: a third that is interrupted elsewhere counts as the entity's own.
  const mostCrashes = deadly === undefined ? MOST_CRASHES : 0;
  const troubles = mishaps.reduce((sum, { times }) => sum + times, 0);
  const isPassing = mishaps.every(passes) && troubles < MOST_TROUBLES && interruptions <= mostCrashes;
  // A stranger inside of a group is evaded; at the top level nobody is.
  const isInTheWay = foreign.some(({ fullPath }) => !fullPath.includes('/'));
  const isImported = imports === undefined || imports.kind === 'interrupted once';
  if (answer !== 201 || cancelAfter !== undefined || !isPassing || isInTheWay || !isImported) return [];
  return [
    ...(record?.status === 'finished'
      ? []
      : [`nothing is left of the trouble, and the import is '${record?.status}'`]),
    ...failures
      .filter(({ exceptionClass }) => exceptionClass !== NOTICE)
      // Boards without what they show say that it was excluded.
      .filter(({ exceptionMessage }) => !exceptionMessage.includes('as this import excludes'))
      .filter(failure => !concerned.includes(pipelineOf(failure)))
      .map(({ relation, exceptionMessage }) => `${relation} failed for no reason: ${exceptionMessage}`),
  ];
};

/** A relation whose runs die fails with that reason, and what runs beside it is brought (`passingTroubleIsForgotten`). */
const theDeadlyFails: Invariant = ({ answer, deadlyDeaths }, { trackers, failures }, schedule) => {
  const { mishaps, crashes, cancelAfter, throttled, stranger, deadly, imports } = schedule;
  const disturbances = [...mishaps, ...crashes, cancelAfter, throttled, stranger, imports].filter(Boolean);
  if (answer !== 201 || disturbances.length > 0 || deadly?.nth !== 1 || deadlyDeaths === 0) return [];
  const own = failures.filter(failure => pipelineOf(failure) === deadly.name);
  return [
    ...(own.some(({ exceptionClass }) => exceptionClass === CRASHED)
      ? []
      : [`${deadly.name} has killed ${deadlyDeaths} runs, and no failure says so`]),
    ...trackers
      .filter(({ pipeline, status }) => pipeline === deadly.name && status === 'failed')
      .filter(({ entityId }) => !own.some(failure => failure.entityId === entityId))
      .map(({ entityId }) => `${deadly.name} of entity ${entityId} failed, and it has no failure of that`),
    ...trackers
      .filter(
        ({ pipeline, status }) => pipeline !== deadly.name && status !== 'finished' && status !== 'skipped',
      )
      .filter(({ pipeline }) => deadly.name !== 'group' && !dependentsOf(deadly.name).includes(pipeline))
      .map(
        ({ pipeline, entityId, status }) =>
          `${pipeline} of entity ${entityId} is '${status}' because of ${deadly.name}`,
      ),
  ];
};
const LEFT_OUT = 'BulkImports::ParentNotCreatedError';
const ATTRIBUTE = 'BulkImports::AttributeRejectedError';
const CRASHED = 'BulkImports::PipelineCrashedError';
const pipelineOf = ({ key }: { key: string }) => key.split('#')[1] ?? '';

/** Whatever is left out has a reason that the API can show, in the pipeline as in the entity. */
const everySkipHasAReason: Invariant = (_, { entities, trackers }) => {
  const problems = (where: string, { skipped, skips }: Counts) => [
    ...Object.keys(skips)
      .filter(reason => !Object.hasOwn(SKIP_REASONS, reason))
      .map(reason => `${where} has skips for the reason '${reason}', which is none`),
    ...(sum(Object.values(skips)) === skipped
      ? []
      : [`${where} has skipped ${skipped}, with reasons for ${JSON.stringify(skips)}`]),
  ];
  return [
    ...trackers.flatMap(({ pipeline, entityId, counts }) =>
      problems(`${pipeline} of entity ${entityId}`, counts),
    ),
    ...entities.flatMap(({ id, stats }) =>
      Object.entries(stats).flatMap(([relation, counts]) => problems(`${relation} of entity ${id}`, counts)),
    ),
  ];
};

/** A list by status shows nothing that has another one, however far the indexes are behind. */
const listsAreTrue: Invariant = ({ wrongly }) => wrongly;

/** No token is left, and none was ever where it can be read. */
const noTokenLeaks: Invariant = ({ table, passed }) => [
  ...itemsLike(table.items.values(), 'SECRET', 'sk')
    .filter(({ source, destination }) => source !== undefined || destination !== undefined)
    .map(() => 'the sealed tokens are still there'),
  ...[TOKENS, LATER_TOKENS, TOKENS_OF_OTHERS]
    .flatMap(Object.values<string>)
    .flatMap(token => [
      ...(JSON.stringify([...table.items.values()]).includes(token) ? [`${token} is in the table`] : []),
      ...(passed.includes(token) ? [`${token} was passed to a step`] : []),
    ]),
];

/** Whom GitLab makes the author of what is in the projects is said once, before the first of them. */
const authorsAreToldOnce: Invariant = (_, { entities, failures }) => {
  const notices = failures.filter(({ exceptionClass }) => exceptionClass === NOTICE).length;
  const isOwed = entities.some(
    ({ sourceType, projectId }) => sourceType === 'project_entity' && projectId !== null,
  );
  if (notices > 1) return [`who the authors are is said ${notices} times`];
  return isOwed && notices === 0 ? ['nobody has said who the authors are'] : [];
};

/** Nothing of a project is kept here when its import has ended, and no link leads to it. */
const noArchiveIsLeft: Invariant = ({ table, archivesLeft }) => [
  ...archivesLeft.map(name => `the file ${name} is left in the folder of archives`),
  ...[
    ...itemsLike(table.items.values(), 'ARCHIVE#', 'sk'),
    ...itemsLike(table.items.values(), 'LINK#', 'pk'),
  ].map(({ pk, sk }) => `${pk} ${sk} is left in the table`),
];

/** What holds of plans as well. */
const OF_ALL_KINDS = {
  noArchiveIsLeft,
  everythingEnds,
  canceledIsFinal,
  refusedMeansNothing,
  countsAreExact,
  failuresShow,
  passingTroubleIsForgotten,
  theDeadlyFails,
  everySkipHasAReason,
  listsAreTrue,
  noTokenLeaks,
};

const OF_IMPORTS = {
  ...OF_ALL_KINDS,
  ...WISH_INVARIANTS,
  authorsAreToldOnce,
  nothingIsLost,
  nothingIsDoubled,
  onlyOursIsWritten,
  noProjectIsLost,
  noProjectIsDoubled,
  noForeignProjectIsTouched,
  noExportIsAskedForTwice,
  onlyExportsAreAskedOfTheSource,
  everySkipHasAReason,
  everyWriteHasItsEvent,
  whatIsThereWasWrittenDown,
  resultsAreFinal,
  eventsHaveNoContent,
  listsAreTrue,
  noTokenLeaks,
};

const OF_PLANS = { ...OF_ALL_KINDS, ...PLAN_INVARIANTS };

/** How the promises were broken; empty when all hold. */
export function broken(aftermath: Aftermath, schedule: Schedule, names?: readonly string[]): string[] {
  const records = recordsOf(aftermath);
  const invariants: Record<string, Invariant> = schedule.isPlan ? OF_PLANS : OF_IMPORTS;
  return Object.entries(invariants)
    .filter(([name]) => names === undefined || names.includes(name))
    .flatMap(([name, invariant]) => invariant(aftermath, records, schedule).map(how => `${name}: ${how}`));
}

/** What holds after every attempt; the others are of what the first one meets. */
export const OF_EVERY_ATTEMPT = [
  'authorsAreToldOnce',
  'noArchiveIsLeft',
  'everythingEnds',
  'countsAreExact',
  'failuresShow',
  'nothingIsLost',
  'nothingIsDoubled',
  'onlyOursIsWritten',
  'noProjectIsLost',
  'noProjectIsDoubled',
  'noForeignProjectIsTouched',
  'onlyExportsAreAskedOfTheSource',
  'everySkipHasAReason',
  'everyWriteHasItsEvent',
  'whatIsThereWasWrittenDown',
  'resultsAreFinal',
  'noTokenLeaks',
] as const satisfies (keyof typeof OF_IMPORTS)[];
