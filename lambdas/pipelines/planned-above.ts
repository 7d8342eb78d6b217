import { isOnlyPlanned } from '../engine/planned.ts';
import { type PipelineContext, type Relation, Skip } from '../engine/relation.ts';
import type { Group } from '../gitlab/api/groups.ts';
import { getEntity } from '../store/entities.ts';
import type { Entity } from '../store/entity.ts';
import type { Memberships } from './member-lists.ts';
import { readParent } from './parent-group.ts';

/**
 * What would be known in a group that does not exist yet, because of the groups above it: those that would be made
 * before it, whose records are still at the source, and the one at the destination that the first of them goes into.
 */
export interface Above {
  /** The entities above, the first one that was asked for first. */
  entities: Entity[];
  /** `null` at the top level. */
  group: Group | null;
}

/** What is above an entity of a plan. */
export async function aboveOf({ destination, entity }: PipelineContext): Promise<Above> {
  const entities: Entity[] = [];
  for (let { parentId } = entity; parentId !== null; ) {
    const parent = await getEntity(entity.importId, parentId);
    entities.unshift(parent);
    parentId = parent.parentId;
  }
  return { entities, group: await readParent({ destination, entity: entities[0] ?? entity }) };
}

/** The same titles of labels or milestones at both GitLabs, in a group of the source and at the destination. */
export interface Titled {
  relation: 'labels' | 'milestones';
  titlesAt(client: PipelineContext['source'], groupId: number, withAncestors: boolean): Promise<string[]>;
}

/** The titles that could be used in the entity's group, by the id that stands for all that do not exist yet. */
export async function plannedTitles(context: PipelineContext, of: Titled): Promise<Map<string, number>> {
  const { source, destination, entity } = context;
  const above = await aboveOf(context);
  const titles = above.group === null ? [] : await of.titlesAt(destination, above.group.id, true);
  for (const { sourceId, relations } of [...above.entities, entity]) {
    if (relations[of.relation] !== false) titles.push(...(await of.titlesAt(source, sourceId, false)));
  }
  return new Map(titles.map((title, index) => [title, -1 - index]));
}

/**
 * Who would have access to a group that does not exist yet: the members of the group above, and those whom the relation
 * itself would make members of the groups between.
 *
 * @param effectiveOf the members of a group of the destination, with those of the groups above it
 */
export async function plannedMemberships<Source, Wanted>(
  context: PipelineContext,
  relation: Relation<Source, Wanted, Memberships>,
  effectiveOf: (groupId: number) => Promise<{ id: number; access_level: number }[]>,
): Promise<Memberships> {
  const { entities, group } = await aboveOf(context);
  const known: Memberships = { levels: new Map(), direct: new Map(), isJustRead: true };
  for (const { id, access_level: level } of group === null ? [] : await effectiveOf(group.id)) {
    known.levels.set(id, Math.max(level, known.levels.get(id) ?? 0));
  }
  for (const entity of entities) {
    if (entity.relations[relation.name] === false) continue;
    known.direct.clear();
    await noteAll({ ...context, entity }, relation, known);
  }
  known.direct.clear();
  return known;
}

/** Notes all that a relation would make of one entity, as if it had been made. */
async function noteAll<Source, Wanted, Existing>(
  context: PipelineContext,
  relation: Relation<Source, Wanted, Existing>,
  known: Existing,
): Promise<void> {
  if (!isOnlyPlanned(context)) return;
  let cursor: string | null = null;
  do {
    const page = await relation.read(context, cursor);
    for (const record of page.records) await noteOne(context, relation, known, record);
    cursor = page.next;
  } while (cursor !== null);
}

async function noteOne<Source, Wanted, Existing>(
  context: PipelineContext,
  relation: Relation<Source, Wanted, Existing>,
  known: Existing,
  record: Source,
): Promise<void> {
  const wanted = relation.want(record, context);
  if (wanted instanceof Skip) return;
  const decision = await relation.decide(wanted, known, context);
  if (decision === 'keep' || decision instanceof Skip) return;
  await relation.planned?.outlook?.(wanted, decision, context, known);
}
