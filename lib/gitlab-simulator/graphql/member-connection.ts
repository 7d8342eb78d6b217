import {
  effectiveMembers,
  groupsAbove,
  isGroup,
  type MemberRelation,
  type MemberSource,
} from '../memberships.ts';
import type { SampleInvitation, SampleMember } from '../model.ts';
import { type ConnectionArguments, connection } from './connection.ts';
import { accessLevelObject, userObject, type Viewer, withoutMilliseconds } from './viewer.ts';

export interface MemberArguments extends ConnectionArguments {
  readonly relations: readonly string[];
  readonly search?: string | null;
}

/** Groups and projects are never shared with others here: relations by which others come in have no members. */
const RELATIONS: readonly MemberRelation[] = ['DIRECT', 'INHERITED', 'DESCENDANTS'];

/** The members of a group or project, and those who were invited and have no account yet. */
export function memberConnection(viewer: Viewer, source: MemberSource, page: MemberArguments) {
  const { instance } = viewer;
  const relations = RELATIONS.filter(relation => page.relations.includes(relation));
  const invitations = [
    ...(relations.includes('DIRECT') && isGroup(source) ? [source] : []),
    ...(relations.includes('INHERITED') ? groupsAbove(instance, source) : []),
  ].flatMap(at => at.invitations);
  const search = page.search?.toLowerCase();
  const found = [...effectiveMembers(instance, source, relations), ...invitations]
    .filter(member => !search || namesOf(viewer, member).toLowerCase().includes(search))
    .sort((a, b) => a.id - b.id);
  const own = new Set<unknown>(isGroup(source) ? [] : source.members);
  return connection(found, page, member =>
    memberObject(viewer, member, own.has(member) ? 'ProjectMember' : 'GroupMember'),
  );
}

function namesOf({ instance }: Viewer, member: SampleMember | SampleInvitation): string {
  if ('email' in member) return member.email;
  const user = instance.users.get(member.userId);
  return `${user?.name}\n${user?.username}`;
}

function memberObject(
  viewer: Viewer,
  member: SampleMember | SampleInvitation,
  type: 'GroupMember' | 'ProjectMember',
): object {
  const user = 'userId' in member ? viewer.instance.users.get(member.userId) : undefined;
  return {
    __typename: type,
    id: `gid://gitlab/${type}/${member.id}`,
    createdAt: withoutMilliseconds(member.createdAt),
    updatedAt: withoutMilliseconds(member.updatedAt),
    expiresAt: member.expiresAt && `${member.expiresAt}T00:00:00Z`,
    accessLevel: accessLevelObject(member.accessLevel),
    createdBy: null,
    user: user ? userObject(viewer, user) : null,
  };
}
