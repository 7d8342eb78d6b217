import { SKIP_REASONS } from '../../lambdas/pipelines/pipeline.ts';
import { pipelineEntry } from '../../lambdas/pipelines/stages.ts';
import { isTerminal, isTrackerTerminal } from '../../lambdas/shared/statuses.ts';
import type { Counts } from '../../lambdas/store/counts.ts';
import type { SampleGroup } from '../../lib/gitlab-simulator/model.ts';
import type { SampleGitLab, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import type { Attributes } from '../support/expressions.ts';
import { isWrite } from './fault-kinds.ts';
import { passes } from './mishaps.ts';
import { type Records, recordsOf } from './records.ts';
import { TOKENS } from './sample-source.ts';
import type { Schedule } from './schedule.ts';
import { type ForeignGroup, portrait } from './strangers.ts';
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

type Invariant = (aftermath: Aftermath, records: Records, schedule: Schedule) => string[];

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
    const named = own.filter(({ sourceTitle }) => sourceTitle !== null);
    const stats = entities.find(({ id }) => id === entityId)?.stats[pipelineEntry(pipeline).relation];
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
  const { mishaps, crashes, cancelAfter } = schedule;
  const troubles = mishaps.reduce((sum, { times }) => sum + times, 0);
  const isPassing = mishaps.every(passes) && troubles < MOST_TROUBLES && crashes.length <= MOST_CRASHES;
  // A stranger inside of a group is evaded; at the top level nobody is.
  const isInTheWay = foreign.some(({ fullPath }) => !fullPath.includes('/'));
  if (answer !== 201 || cancelAfter !== undefined || !isPassing || isInTheWay) return [];
  return [
    ...(record?.status === 'finished'
      ? []
      : [`nothing is left of the trouble, and the import is '${record?.status}'`]),
    ...failures
      .filter(({ relation }) => relation !== 'project_entities')
      .map(({ relation, exceptionMessage }) => `${relation} failed for no reason: ${exceptionMessage}`),
  ];
};

/** What the source has is at the destination, or a failure accounts for it. */
const nothingIsLost: Invariant = (
  { source, destination, answer },
  { record, entities, trackers, failures },
) => {
  // The caller was never told that there is an import, or canceled it before it had entities.
  if ((answer !== 201 || record?.status === 'canceled') && entities.length === 0) return [];
  return source.groups().flatMap(group => {
    const entity = entities.find(({ sourceId }) => sourceId === group.id);
    if (entity === undefined) return isExcused(group) ? [] : [`the group ${group.fullPath} is lost`];
    const target = destination.group(entity.destinationFullPath ?? '');
    const lost = (pipeline: string, titles: string[], present: string[]) => {
      const tracker = trackers.find(one => one.entityId === entity.id && one.pipeline === pipeline);
      if (tracker?.status !== 'finished') {
        return entity.status === 'finished' && !excuse(entity.id, pipeline)
          ? [`${pipeline} of ${group.fullPath} is '${tracker?.status}' without a reason`]
          : [];
      }
      const named = new Set(
        failures.filter(({ entityId }) => entityId === entity.id).map(({ sourceTitle }) => sourceTitle),
      );
      return titles
        .filter(
          title => !present.includes(title) && !named.has(nameOf(title)) && !excuse(entity.id, pipeline),
        )
        .map(title => `${pipeline} '${title}' of ${group.fullPath} is lost`);
    };
    return [
      ...lost('group', [group.fullPath], target === undefined ? [] : [group.fullPath]),
      ...lost('labels', titlesOf(group.labels), titlesOf(target?.labels)),
      ...lost('uploads', avatarOf(group), avatarOf(target)),
      ...lost('group_attributes', lockOf(group), lockOf(target)),
      ...lost('namespace_settings', sharingOf(group), sharingOf(target)),
      ...lost('milestones', group.milestones.map(stateOf), (target?.milestones ?? []).map(stateOf)),
      ...lost(
        'badges',
        group.badges.map(({ name }) => String(name)),
        (target?.badges ?? []).map(({ name }) => String(name)),
      ),
      ...lost(
        'boards',
        group.boards.map(({ name }) => name),
        (target?.boards ?? []).map(({ name }) => name),
      ),
    ];
  });

  /** A pipeline that could not go on has a failure of its own, which stands for all that it did not reach. */
  function excuse(entityId: number, pipeline: string): boolean {
    return failures.some(
      failure =>
        failure.entityId === entityId &&
        failure.sourceTitle === null &&
        (failure.key.split('#')[1] === pipeline || failure.relation === 'entity'),
    );
  }

  /** A group without an entity: the pipeline that should have made it, or a group above, has failed. */
  function isExcused(group: SampleGroup): boolean {
    const parent = entities.find(({ sourceId }) => sourceId === group.parentId);
    if (parent === undefined) {
      const above = source.groups().find(({ id }) => id === group.parentId);
      return above !== undefined && isExcused(above);
    }
    const names = failures
      .filter(({ entityId }) => entityId === parent.id)
      .map(({ sourceTitle }) => sourceTitle);
    return (
      parent.status !== 'finished' || excuse(parent.id, 'subgroup_entities') || names.includes(group.name)
    );
  }
};

/** Nothing is there twice, here or at the destination, and nothing that the source does not have. */
const nothingIsDoubled: Invariant = ({ source, destination, table, foreign }, { entities }) => [
  ...itemsLike(table.items.values(), 'IMPORT', 'sk')
    .filter(({ pk }) => String(pk).startsWith('IMPORT#'))
    .slice(1)
    .map(({ pk }) => `${pk} is a second import`),
  ...twice(entities.map(({ sourceFullPath }) => sourceFullPath)).map(path => `two entities of ${path}`),
  ...twice(ownGroups(destination, foreign).map(originalPath)).map(path => `the group ${path} is there twice`),
  ...ownGroups(destination, foreign).flatMap(target => {
    const original = source.group(originalPath(target));
    if (original === undefined) return [`the source has no group ${target.fullPath}`];
    const compare = (what: string, here: string[], there: string[]) => [
      ...twice(here).map(name => `${what} '${name}' is twice in ${target.fullPath}`),
      ...here
        .filter(name => !there.includes(name))
        .map(name => `${what} '${name}' of ${target.fullPath} has no original`),
    ];
    return [
      ...compare('label', titlesOf(target.labels), titlesOf(original.labels)),
      ...compare('milestone', titlesOf(target.milestones), titlesOf(original.milestones)),
      ...compare(
        'badge',
        target.badges.map(({ name }) => String(name)),
        original.badges.map(({ name }) => String(name)),
      ),
      ...compare(
        'board',
        target.boards.map(({ name }) => name),
        original.boards.map(({ name }) => name),
      ),
      ...compare('list', listsOf(target), listsOf(original)),
      ...twice(target.members.map(({ userId }) => String(userId))).map(
        id => `member ${id} is twice in ${target.fullPath}`,
      ),
    ];
  }),
];

/**
 * Nothing is written into a group that no entity of the import has made, nor is one made inside it; and what somebody
 * else has made meanwhile, where one of ours was to be, is as they left it.
 */
const onlyOursIsWritten: Invariant = ({ destination, foreign }, { entities }) => {
  const made = entities.flatMap(({ namespaceId }) => (namespaceId === null ? [] : [namespaceId]));
  const theirs = new Set(foreign.map(({ id }) => id));
  return [
    ...destination.requests
      .filter(isWrite)
      .flatMap(request => targetsOf(destination, request).map(target => ({ request, target })))
      .filter(({ target }) => !made.includes(target) || theirs.has(target))
      .map(({ request, target }) => `${request.method} ${request.path} went to ${target}, which is not ours`),
    ...twice(made.map(String)).map(id => `two entities call the group ${id} theirs`),
    ...made.filter(id => theirs.has(id)).map(id => `an entity calls the group ${id} of a stranger its own`),
    ...foreign.flatMap(({ id, fullPath, was }) => {
      const group = destination.groups().find(one => one.id === id);
      const isSame = group !== undefined && portrait(group) === was;
      const inside = destination.groups().filter(({ parentId }) => parentId === id);
      return [
        ...(isSame ? [] : [`the group ${fullPath} of a stranger was changed`]),
        ...inside.map(one => `${one.fullPath} was made inside of the group of a stranger`),
      ];
    }),
  ];
};

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

/** No token is left, and none was ever where it can be read. */
const noTokenLeaks: Invariant = ({ table, passed }) => [
  ...itemsLike(table.items.values(), 'SECRET', 'sk')
    .filter(({ source, destination }) => source !== undefined || destination !== undefined)
    .map(() => 'the sealed tokens are still there'),
  ...Object.values(TOKENS).flatMap(token => [
    ...(JSON.stringify([...table.items.values()]).includes(token) ? [`${token} is in the table`] : []),
    ...(passed.includes(token) ? [`${token} was passed to a step`] : []),
  ]),
];

const INVARIANTS = {
  everythingEnds,
  canceledIsFinal,
  refusedMeansNothing,
  countsAreExact,
  failuresShow,
  passingTroubleIsForgotten,
  nothingIsLost,
  nothingIsDoubled,
  onlyOursIsWritten,
  everySkipHasAReason,
  noTokenLeaks,
};

/** How the promises were broken; empty when all hold. */
export function broken(aftermath: Aftermath, schedule: Schedule): string[] {
  const records = recordsOf(aftermath);
  return Object.entries(INVARIANTS).flatMap(([name, invariant]) =>
    invariant(aftermath, records, schedule).map(how => `${name}: ${how}`),
  );
}

const ownGroups = (destination: SampleGitLab, foreign: ForeignGroup[]) =>
  destination.groups().filter(({ id }) => !foreign.some(theirs => theirs.id === id));

/** The path at the source: `acme/acme-0` of `acme/acme-0_1`, which had to evade somebody. No path of a plan has a `_`. */
const originalPath = ({ fullPath }: { fullPath: string }) => fullPath.replaceAll(/_\d+(?=\/|$)/g, '');

/** Ids of the groups that a write is for; -1 for one that is not there. */
function targetsOf(destination: SampleGitLab, { path, body }: SampleRequest): number[] {
  const { parent_id: parentId, variables } = (body ?? {}) as {
    parent_id?: number;
    variables?: { groupPath?: string };
  };
  const id = /\/groups\/(\d+)/.exec(path)?.[1];
  const named = variables?.groupPath;
  return [
    ...(id === undefined ? [] : [Number(id)]),
    ...(parentId === undefined ? [] : [Number(parentId)]),
    ...(named === undefined ? [] : [destination.group(named)?.id ?? -1]),
  ];
}

function itemsLike(items: Iterable<Attributes>, prefix: string, key: 'pk' | 'sk'): Attributes[] {
  return [...items].filter(item => String(item[key]).startsWith(prefix));
}

const titlesOf = (records: { title: string }[] = []) => records.map(({ title }) => title);
const stateOf = ({ title, state }: { title: string; state: string }) => `${title}, ${state}`;
type Known = SampleGroup | undefined;
const avatarOf = (group: Known) => (group?.avatar ? ['avatar'] : []);
const lockOf = (group: Known) => (group?.settings.membershipLock ? ['membership_lock'] : []);
const sharingOf = (group: Known) =>
  group?.settings.preventSharingGroupsOutsideHierarchy ? ['prevent_sharing_groups_outside_hierarchy'] : [];
/** A failure names the record without its state. */
const nameOf = (title: string) => title.replace(/, (active|closed)$/, '');
const listsOf = ({ boards }: Pick<SampleGroup, 'boards'>) =>
  boards.flatMap(({ name, lists }) => lists.map(({ label }) => `${name}/${label?.title}`));

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

function twice(names: string[]): string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}
