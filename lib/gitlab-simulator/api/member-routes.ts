import { type ApiAnswer, forbidden, json, noContent, notFound, recordNotFound, refuse } from '../answer.ts';
import { MEMBERS, PROJECT_MEMBERS } from '../declarations/members.ts';
import {
  addMember,
  directMember,
  effectiveMembers,
  isLastOwner,
  type MemberSource,
  removeMember,
} from '../memberships.ts';
import type { AccessLevel, SampleMember } from '../model.ts';
import { paginated } from '../pagination.ts';
import { type ApiCall, type CallOf, type Route, route } from '../route.ts';
import { presentMember } from './entities.ts';
import { memberErrors } from './member-errors.ts';
import { addListedMembers } from './member-list.ts';
import { requireNoLock, requireRight, sourceOf } from './member-source.ts';
import { isQueued, queuedFor } from './queued-members.ts';

/** Members of groups and of projects: the same in all but who may change them. */
export const MEMBER_ROUTES: readonly Route[] = [MEMBERS, PROJECT_MEMBERS].flatMap(endpoints => [
  route(endpoints.list, getMembers),
  route(endpoints.add, postMember),
  route(endpoints.listAll, getAllMembers),
  route(endpoints.getFromAll, getEffectiveMember),
  route(endpoints.get, getMember),
  route(endpoints.change, putMember),
  route(endpoints.remove, deleteMember),
]);

function getMembers(call: CallOf<typeof MEMBERS.list>): ApiAnswer {
  const skipped = call.params.skip_users ?? [];
  const members = sourceOf(call).members.filter(({ userId }) => !skipped.includes(userId));
  return memberPage(call, members);
}

function getAllMembers(call: CallOf<typeof MEMBERS.listAll>): ApiAnswer {
  const members = effectiveMembers(call.instance, sourceOf(call), ['DIRECT', 'INHERITED']);
  return memberPage(call, call.params.state === 'awaiting' ? [] : members);
}

function memberPage(
  call: CallOf<typeof MEMBERS.list> | CallOf<typeof MEMBERS.listAll>,
  members: readonly SampleMember[],
): ApiAnswer {
  const { instance, params } = call;
  const query = params.query?.toLowerCase() ?? '';
  const found = members
    .filter(({ userId }) => !params.user_ids || params.user_ids.includes(userId))
    .filter(({ userId }) => {
      const user = instance.users.get(userId);
      return `${user?.name}\n${user?.username}`.toLowerCase().includes(query);
    });
  return paginated(call, found, member => presentMember(instance, member));
}

function getEffectiveMember(call: CallOf<typeof MEMBERS.getFromAll>): ApiAnswer {
  const members = effectiveMembers(call.instance, sourceOf(call), ['DIRECT', 'INHERITED']);
  const member = members.find(candidate => candidate.userId === call.params.user_id);
  if (!member) throw recordNotFound();
  return json(200, presentMember(call.instance, member));
}

function getMember(call: CallOf<typeof MEMBERS.get>): ApiAnswer {
  return json(200, presentMember(call.instance, memberOf(call, sourceOf(call))));
}

function postMember(call: CallOf<typeof MEMBERS.add>): ApiAnswer {
  const { instance, currentUser, params } = call;
  const source = sourceOf(call);
  requireRight(call, source, params.access_level);
  requireNoLock(call, source);
  if (String(params.user_id ?? '').includes(',')) return addListedMembers(call, source);
  const user =
    params.user_id === undefined
      ? instance.userByUsername(params.username ?? '')
      : instance.users.get(Number(params.user_id));
  if (!user) throw notFound('User');
  if (directMember(source, user.id)) throw refuse(409, 'Member already exists');
  const attributes = {
    userId: user.id,
    accessLevel: params.access_level as AccessLevel,
    expiresAt: params.expires_at?.slice(0, 10) ?? null,
    createdById: currentUser.id,
  };
  const errors = memberErrors(instance, source, attributes);
  if (errors.any) throw refuse(400, errors);
  // No document tells the status: that of a POST which made nothing wrong.
  if (isQueued(call, params.access_level)) return json(201, queuedFor(user.username));
  return json(201, presentMember(instance, addMember(instance, source, attributes)));
}

function putMember(call: CallOf<typeof MEMBERS.change>): ApiAnswer {
  const { instance, params } = call;
  const source = sourceOf(call);
  requireRight(call, source, params.access_level);
  const member = memberOf(call, source);
  requireRight(call, source, member.accessLevel);
  if (isLastOwner(instance, source, member)) throw forbidden();
  const attributes = {
    userId: member.userId,
    accessLevel: params.access_level as AccessLevel,
    expiresAt: params.expires_at === undefined ? member.expiresAt : (params.expires_at?.slice(0, 10) ?? null),
  };
  const errors = memberErrors(instance, source, attributes);
  if (errors.any) throw refuse(400, errors);
  if (attributes.accessLevel > member.accessLevel && isQueued(call, attributes.accessLevel)) {
    return json(200, queuedFor(instance.users.get(member.userId)?.username ?? ''));
  }
  Object.assign(member, attributes, { updatedAt: new Date().toISOString() });
  return json(200, presentMember(instance, member));
}

function deleteMember(call: CallOf<typeof MEMBERS.remove>): ApiAnswer {
  const source = sourceOf(call);
  const member = memberOf(call, source);
  const leaving = member.userId === call.currentUser.id;
  if (!leaving) requireRight(call, source, member.accessLevel);
  if (isLastOwner(call.instance, source, member)) throw forbidden();
  removeMember(source, member);
  return noContent();
}

function memberOf(
  { params: { user_id: userId } }: ApiCall<{ readonly user_id: number }>,
  source: MemberSource,
): SampleMember {
  const member = directMember(source, userId);
  if (!member) throw recordNotFound();
  return member;
}
