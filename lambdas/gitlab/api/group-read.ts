import * as z from 'zod/mini';
import type { GitLabClient, Page } from '../client.ts';
import { nextCursor } from '../paging.ts';
import type { Board } from './boards.ts';
import { globalId } from './global-id.ts';
import { cursorOfGraphql } from './group-connections.ts';
import { boardsSchema, LABELS, MEMBERS, MILESTONES, PROJECTS, SUBGROUPS } from './group-parts.ts';
import { getSourceGroup, type SourceGroup, sourceGroupSchema } from './group-query.ts';
import { firstPlan, type GroupPart, groupDocument, planAfter, type ReadPlan } from './group-read-plan.ts';
import { presentFullPath, type Subgroup } from './groups.ts';
import type { Label } from './labels.ts';
import type { Milestone } from './milestones.ts';
import { INVITATION, type KnownGroup, type MemberRelation, type SourceMember } from './source-members.ts';

/** A group that is read, and what of it. */
export interface WantedGroup extends KnownGroup {
  /** Of its GitLab: `15.0.3-ee`. */
  version: string;
  /** Which memberships; absent where none are read. */
  memberRelations?: MemberRelation[];
  /** What of it is not asked for. */
  without?: readonly GroupPart[];
}

/**
 * A group with what it holds, as far as few requests tell. What is `undefined` has to be read singly, as does what
 * GraphQL does not have: badges, `membership_lock`, `prevent_sharing_groups_outside_hierarchy`, the avatar's bytes.
 */
export interface GroupRead {
  attributes: SourceGroup;
  /** `null` for a group without avatar. */
  avatarUrl: string | null | undefined;
  /** First page; `listSourceMembers` reads on. */
  members: Page<SourceMember> | undefined;
  /** First page of the group's own; `listLabelsFrom` reads on. */
  labels: Page<Label> | undefined;
  /** First page of the group's own; `listMilestonesFrom` reads on. */
  milestones: Page<Milestone> | undefined;
  /** All of them, with their lists and scopes. */
  boards: Board[] | undefined;
  /** Whether the group itself has any. */
  hasProjects: boolean | undefined;
  /** Whether it has GitLab Premium or Ultimate. */
  hasPremium: boolean | undefined;
  /** All direct ones, by id ascending. */
  subgroups: Subgroup[] | undefined;
}

/** What a document has told, by part. Parts that cannot be read are not among them. */
type Told = Map<GroupPart, unknown>;

/** Plans that GitLabs have led to, for the life of the process; a GitLab is asked for less once, and not again for each group. */
const plans = new Map<string, ReadPlan>();

/**
 * Reads a group and what it holds in one GraphQL document; in two, or only its attributes, where this GitLab does not
 * compute as much at once, or does not know a part.
 *
 * @returns `undefined` when there is no such group that the token's user can see
 */
export async function readGroup(client: GitLabClient, wanted: WantedGroup): Promise<GroupRead | undefined> {
  const key = `${client.baseUrl} ${wanted.version}`;
  let plan = plans.get(key) ?? firstPlan(wanted.version);
  for (;;) {
    try {
      return await readBy(plan, client, wanted);
    } catch (error) {
      const next = planAfter(plan, error);
      if (next === undefined) throw error;
      plan = next.plan;
      if (next.isForAllGroups) plans.set(key, plan);
    }
  }
}

async function readBy(
  plan: ReadPlan,
  client: GitLabClient,
  wanted: WantedGroup,
): Promise<GroupRead | undefined> {
  const { memberRelations: relations, without = [] } = wanted;
  const left = new Set<GroupPart>(relations === undefined ? [...without, 'groupMembers'] : without);
  const documents = plan.documents
    .map(parts => parts.filter(part => !left.has(part)))
    .filter(parts => parts.length > 0);
  const told = await Promise.all(
    documents.map(parts => readDocument(client, wanted, parts, plan.isEnterprise)),
  );
  if (told.some(parts => parts === undefined)) return undefined;
  const parts: Told = new Map(told.flatMap(one => [...(one ?? [])]));
  const parsed = sourceGroupSchema.safeParse(parts.get('attributes'));
  const attributes = parsed.success ? parsed.data : await getSourceGroup(client, wanted);
  return attributes && presented(client, attributes, parts);
}

/** The parts of a document; `undefined` when the group is gone. It may have been renamed: then it is found by its id. */
async function readDocument(
  client: GitLabClient,
  { id, fullPath, memberRelations: relations }: WantedGroup,
  parts: readonly GroupPart[],
  isEnterprise: boolean,
): Promise<Told | undefined> {
  const refused = new Set<unknown>();
  const read = (path: string) =>
    client.graphql({
      operation: 'read the group',
      query: groupDocument(parts, isEnterprise),
      variables: { fullPath: path, ...(parts.includes('groupMembers') && { relations }) },
      schema: z.object({ group: z.nullable(z.record(z.string(), z.unknown())) }),
      // What is wrong with one part leaves the others as they are.
      tolerates: ({ message, path: [root, part] }) => {
        if (INVITATION.test(message)) return true;
        const isOfPart = root === 'group' && parts.includes(part as GroupPart);
        if (isOfPart) refused.add(part);
        return isOfPart;
      },
    });
  let { group } = await read(fullPath);
  if (!isGroup(group, id)) {
    const present = await presentFullPath(client, id);
    group = present === undefined || present === fullPath ? null : (await read(present)).group;
  }
  if (!isGroup(group, id)) return undefined;
  const shown = group as Record<string, unknown>;
  const told: Told = new Map();
  for (const part of parts)
    if (!refused.has(part)) told.set(part, part === 'attributes' ? shown : shown[part]);
  return told;
}

function isGroup(group: Record<string, unknown> | null, id: number): boolean {
  const found = globalId.safeParse(group?.id);
  return found.success && found.data === id;
}

/** The parts as REST would show them. */
function presented(client: GitLabClient, attributes: SourceGroup, told: Told): GroupRead {
  const part = <T>(name: GroupPart, schema: z.ZodMiniType<T>): T | undefined => {
    const parsed = schema.safeParse(told.get(name));
    return parsed.success ? parsed.data : undefined;
  };
  const list = { instance: client.instance, operation: 'read the group' };
  const members = part('groupMembers', MEMBERS.schema);
  const labels = part('labels', LABELS.schema);
  const milestones = part('milestones', MILESTONES.schema);
  const boards = part('boards', boardsSchema);
  const projects = part('projects', PROJECTS.schema);
  const subgroups = part('descendantGroups', SUBGROUPS.schema)?.nodes.sort((a, b) => a.id - b.id);
  return {
    attributes,
    avatarUrl: part('attributes', avatarSchema)?.avatarUrl,
    members: members && {
      records: members.nodes.map(node => node ?? {}),
      next: nextCursor(list, members.pageInfo, null),
    },
    labels: labels && {
      records: labels.nodes,
      next: cursorOfGraphql(nextCursor(list, labels.pageInfo, null)),
    },
    milestones: milestones && {
      records: milestones.nodes.map(milestone => ({ ...milestone, group_id: attributes.id })),
      next: cursorOfGraphql(nextCursor(list, milestones.pageInfo, null)),
    },
    boards,
    hasProjects: projects && projects.nodes.length > 0,
    hasPremium: part('epicsEnabled', z.boolean()),
    subgroups: subgroups?.map(({ fullPath, ...subgroup }) => ({ ...subgroup, full_path: fullPath })),
  };
}

const avatarSchema = z.object({ avatarUrl: z.nullable(z.string()) });
