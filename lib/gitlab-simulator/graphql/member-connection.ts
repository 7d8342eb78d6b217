import { effectiveMembers, type MemberRelation } from '../memberships.ts';
import type { SampleGroup, SampleInvitation, SampleMember } from '../model.ts';
import { type ConnectionArguments, connection } from './connection.ts';
import { accessLevelObject, userObject, type Viewer, withoutMilliseconds } from './viewer.ts';

export interface MemberArguments extends ConnectionArguments {
  readonly relations: readonly (MemberRelation | 'SHARED_FROM_GROUPS')[];
  readonly search?: string | null;
}

/** The members of a group, and those who were invited and have no account yet. */
export function memberConnection(viewer: Viewer, group: SampleGroup, page: MemberArguments) {
  const { instance } = viewer;
  // Groups are never shared with others here, so that relation has no members.
  const relations = page.relations.filter(relation => relation !== 'SHARED_FROM_GROUPS');
  const invitations = [
    ...(relations.includes('DIRECT') ? [group] : []),
    ...(relations.includes('INHERITED') ? instance.selfAndAncestors(group).slice(1) : []),
  ].flatMap(at => at.invitations);
  const search = page.search?.toLowerCase();
  const found = [...effectiveMembers(instance, group, relations), ...invitations]
    .filter(member => !search || namesOf(viewer, member).toLowerCase().includes(search))
    .sort((a, b) => a.id - b.id);
  return connection(found, page, member => memberObject(viewer, member));
}

function namesOf({ instance }: Viewer, member: SampleMember | SampleInvitation): string {
  if ('email' in member) return member.email;
  const user = instance.users.get(member.userId);
  return `${user?.name}\n${user?.username}`;
}

function memberObject(viewer: Viewer, member: SampleMember | SampleInvitation): object {
  const user = 'userId' in member ? viewer.instance.users.get(member.userId) : undefined;
  return {
    id: `gid://gitlab/GroupMember/${member.id}`,
    createdAt: withoutMilliseconds(member.createdAt),
    updatedAt: withoutMilliseconds(member.updatedAt),
    expiresAt: member.expiresAt && `${member.expiresAt}T00:00:00Z`,
    accessLevel: accessLevelObject(member.accessLevel),
    createdBy: null,
    user: user ? userObject(viewer, user) : null,
  };
}
