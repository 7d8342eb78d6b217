import type { SampleGroup } from '../../lib/gitlab-simulator/model.ts';
import type { SampleRecord } from '../../lib/gitlab-simulator/relation-records.ts';
import type { SampleGitLab, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { FIXTURES } from '../relations/fixtures.ts';
import { isWrite } from './fault-kinds.ts';
import { type Invariant, itemsLike, ownGroups, twice } from './invariant.ts';
import { portrait } from './strangers.ts';

/** What must hold of the groups at the destination; the rest is in `invariants.ts`. */

/** What is in groups; they themselves are told apart by their paths. */
const KINDS = [...FIXTURES.values()].filter(({ makesGroup }) => !makesGroup).flatMap(({ kinds }) => kinds);

/** What the source has is at the destination, or a failure accounts for it. */
export const nothingIsLost: Invariant = (
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
      if (entity.relations[pipeline] === false) return [];
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
      ...[...FIXTURES].flatMap(([name, { kinds, makesGroup }]) => {
        if (makesGroup) return [];
        const owed = (one: SampleGroup) =>
          kinds
            .flatMap(({ recordsOf }) => recordsOf(one))
            .filter(isOwed)
            .map(wordsOf);
        return lost(name, owed(group), target ? owed(target) : []);
      }),
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
export const nothingIsDoubled: Invariant = ({ source, destination, table, foreign }, { entities }) => [
  ...itemsLike(table.items.values(), 'IMPORT', 'sk')
    .filter(({ pk }) => String(pk).startsWith('IMPORT#'))
    .slice(1)
    .map(({ pk }) => `${pk} is a second import`),
  ...twice(entities.map(({ sourceFullPath }) => sourceFullPath)).map(path => `two entities of ${path}`),
  ...twice(ownGroups(destination, foreign).map(originalPath)).map(path => `the group ${path} is there twice`),
  ...ownGroups(destination, foreign).flatMap(target => {
    const original = source.group(originalPath(target));
    if (original === undefined) return [`the source has no group ${target.fullPath}`];
    return KINDS.flatMap(({ what, recordsOf }) => {
      const known = recordsOf(original).map(({ title }) => title);
      const records = recordsOf(target);
      const wholes = [...Map.groupBy(records, ({ partOf }) => partOf).values()];
      return [
        ...wholes
          .flatMap(some => twice(some.map(({ title }) => title)))
          .map(title => `'${title}' is twice among the ${what} of ${target.fullPath}`),
        ...records
          .filter(({ title, userId }) => userId === undefined && !known.includes(title))
          .map(({ title }) => `'${title}' among the ${what} of ${target.fullPath} has no original`),
      ];
    });
  }),
];

/**
 * Nothing is written into a group that no entity of the import has made, nor is one made inside it; and what somebody
 * else has made meanwhile, where one of ours was to be, is as they left it.
 */
export const onlyOursIsWritten: Invariant = ({ destination, foreign }, { entities }) => {
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

/** The path at the source: `acme/acme-0` of `acme/acme-0_1`, which had to evade somebody. No path of a plan has a `_`. */
const originalPath = ({ fullPath }: { fullPath: string }) => fullPath.replaceAll(/_\d+(?=\/|$)/g, '');

/** Ids of the groups that a write is for; -1 for one that is not there. */
export function targetsOf(destination: SampleGitLab, { path, body }: SampleRequest): number[] {
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

/** What must be at the destination or have a failure of its own; who has no account there is left out. */
const isOwed = ({ userId, partOf }: SampleRecord) => userId === undefined && partOf === undefined;
const wordsOf = ({ title, state }: SampleRecord) => (state === undefined ? title : `${title}, ${state}`);
/** A failure names the record without its state. */
const nameOf = (title: string) => title.replace(/, (active|closed)$/, '');
