import {
  copyBadges,
  copyBoards,
  copyLabels,
  copyMembers,
  copyMilestones,
  type GroupCopy,
  withoutNulls,
} from './frozen-relations.ts';
import { PlainClient } from './plain-client.ts';

export interface LoopOptions {
  sourceUrl: string;
  destinationUrl: string;
  /** One that both GitLabs take. */
  token: string;
  /** Full path of the top-level group, at both. */
  rootPath: string;
}

export interface LoopResult {
  /** Of the top-level group alone. */
  rootSeconds: number;
  /** Of all groups below it. */
  subgroupSeconds: number;
  subgroups: number;
  /** Requests sent, of the whole tree. */
  source: number;
  destination: number;
}

const GROUP_QUERY = `query($fullPath: ID!) { group(fullPath: $fullPath) {
  id name path description visibility emailsDisabled lfsEnabled mentionsDisabled projectCreationLevel
  requestAccessEnabled requireTwoFactorAuthentication shareWithGroupLock subgroupCreationLevel
  twoFactorGracePeriod } }`;

/**
 * What the benchmark compares the service with: a careful script that migrates group after group, relation after
 * relation, record after record, with the calls that the pipelines of the service sent before it wrote in batches: 11
 * to the source and 43 to the destination for a group of 20 labels, 6 milestones (2 closed) and 4 badges.
 *
 * It is frozen: it shares no code with the service, and nothing that makes the service send less may be done here, or
 * the ratio would fall with every request that is saved. The look-ups are sent although the groups are new, because
 * the pipelines sent them; their order is that of the pipelines, too, and what these asked for side by side is asked for
 * side by side.
 */
export async function migrateByFrozenLoop(options: LoopOptions): Promise<LoopResult> {
  const source = new PlainClient(options.sourceUrl, options.token);
  const destination = new PlainClient(options.destinationUrl, options.token);
  const people = new Map<string, number | undefined>();
  const copy = (fullPath: string, parentId?: number): GroupCopy => ({
    ...{ source, destination, fullPath, parentId, people },
    ...{ sourceId: 0, id: 0 },
  });
  try {
    const root = copy(options.rootPath);
    const start = performance.now();
    const waiting = (await migrateGroup(root)).map(path => copy(path, root.id));
    const rootDone = performance.now();
    let subgroups = 0;
    for (let group = waiting.shift(); group !== undefined; group = waiting.shift(), subgroups++) {
      const { id } = group;
      waiting.push(...(await migrateGroup(group)).map(path => copy(path, id)));
    }
    return {
      rootSeconds: (rootDone - start) / 1000,
      subgroupSeconds: (performance.now() - rootDone) / 1000,
      subgroups,
      source: source.requests,
      destination: destination.requests,
    };
  } finally {
    source.close();
    destination.close();
  }
}

/** Migrates one group. @returns the full paths of its subgroups */
async function migrateGroup(group: GroupCopy): Promise<string[]> {
  await createGroup(group);
  await readAttributes(group);
  await copyMembers(group);
  await copyLabels(group);
  await copyMilestones(group);
  await copyBadges(group);
  await copyBoards(group);
  await group.source.exists(`/groups/${group.sourceId}/avatar`);
  const children = `order_by=id&sort=asc`;
  await group.source.all(
    `/groups/${group.sourceId}/projects?include_subgroups=false&with_shared=false&simple=true&${children}`,
  );
  const subgroups = await group.source.all<{ full_path: string }>(
    `/groups/${group.sourceId}/subgroups?${children}`,
  );
  return subgroups.map(({ full_path }) => full_path);
}

/** The attributes of a group as GraphQL shows them. */
interface GroupAttributes {
  id: string;
  name: string;
  path: string;
  description: string | null;
  visibility: string;
  emailsDisabled: boolean | null;
  lfsEnabled: boolean | null;
  mentionsDisabled: boolean | null;
  projectCreationLevel: string | null;
  requestAccessEnabled: boolean | null;
  requireTwoFactorAuthentication: boolean | null;
  shareWithGroupLock: boolean | null;
  subgroupCreationLevel: string | null;
  twoFactorGracePeriod: number | null;
}

async function createGroup(group: GroupCopy): Promise<void> {
  const { source, destination, parentId } = group;
  if (parentId !== undefined) await destination.get(`/groups/${parentId}?with_projects=false`);
  const { group: found } = await source.graphql<{ group: GroupAttributes }>(GROUP_QUERY, {
    fullPath: group.fullPath,
  });
  group.sourceId = Number(found.id.split('/').at(-1));
  const created = await destination.post<{ id: number }>('/groups', {
    name: found.name,
    path: found.path,
    ...withoutNulls({
      description: found.description,
      visibility: found.visibility,
      emails_disabled: found.emailsDisabled,
      lfs_enabled: found.lfsEnabled,
      mentions_disabled: found.mentionsDisabled,
      project_creation_level: found.projectCreationLevel,
      request_access_enabled: found.requestAccessEnabled,
      require_two_factor_authentication: found.requireTwoFactorAuthentication,
      share_with_group_lock: found.shareWithGroupLock,
      subgroup_creation_level: found.subgroupCreationLevel,
      two_factor_grace_period: found.twoFactorGracePeriod,
      parent_id: parentId,
    }),
  });
  group.id = created.id;
}

/** What `group_attributes` and `namespace_settings` ask for. The groups of the benchmark have nothing to change. */
async function readAttributes({ source, destination, sourceId, id, parentId }: GroupCopy): Promise<void> {
  await source.get(`/groups/${sourceId}?with_projects=false`);
  await destination.get(`/groups/${id}?with_projects=false`);
  await source.get(`/groups/${sourceId}?with_projects=false`);
  if (parentId === undefined) await destination.get(`/groups/${id}?with_projects=false`);
}
