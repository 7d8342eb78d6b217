import type { GitLabInstance } from '../instance.ts';
import { ACCESS_LEVELS, type SampleGroup, type SampleUser } from '../model.ts';
import { canReadGroup, canReadProject } from '../permissions.ts';
import type { SampleProject } from '../project-model.ts';

/** On whose behalf a query runs; a query without token sees nothing that belongs to a group. */
export interface Viewer {
  readonly instance: GitLabInstance;
  readonly user: SampleUser | undefined;
}

const ROLE_NAMES = new Map(
  Object.entries(ACCESS_LEVELS).map(([name, level]) => [level, name.replace(/[A-Z]/, '_$&').toUpperCase()]),
);

/** Whether the viewer may read a group, from a replica that may lag. */
export function isVisible({ instance, user }: Viewer, group: SampleGroup): boolean {
  return user !== undefined && canReadGroup(instance, user, group) && instance.isReplicated(group);
}

export function isVisibleProject({ instance, user }: Viewer, project: SampleProject): boolean {
  return (
    user !== undefined &&
    canReadProject(instance, user, project) &&
    instance.isReplicated(instance.groupOfProject(project))
  );
}

export function userObject({ instance }: Viewer, user: SampleUser): object {
  return {
    id: `gid://gitlab/User/${user.id}`,
    username: user.username,
    name: user.name,
    publicEmail: user.publicEmail,
    bot: user.bot,
    state: user.state,
    webUrl: `${instance.url}/${user.username}`,
  };
}

export function accessLevelObject(level: number): object {
  return { integerValue: level, stringValue: ROLE_NAMES.get(level as never) };
}

/** GraphQL's Time has whole seconds, unlike the REST API's. */
export function withoutMilliseconds(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z');
}

/** The number of a global id, `gid://gitlab/User/5`. */
export function numberOf(globalId: string): number {
  return Number(globalId.slice(globalId.lastIndexOf('/') + 1));
}
