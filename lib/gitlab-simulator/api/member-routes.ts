import { type ApiAnswer, forbidden, json, noContent, notFound, recordNotFound, refuse } from '../answer.ts';
import {
  addMember,
  directMember,
  effectiveMembers,
  highestInheritedMembership,
  isLastOwner,
  removeMember,
} from '../memberships.ts';
import { ACCESS_LEVELS, type AccessLevel, type SampleGroup, type SampleMember } from '../model.ts';
import { paginated } from '../pagination.ts';
import { day, declared, exactlyOneOf, integer, oneOf, required, text } from '../params.ts';
import { requireRole } from '../permissions.ts';
import type { ApiCall, Route } from '../route.ts';
import { ValidationErrors } from '../validation-errors.ts';
import { presentMember } from './entities.ts';
import { groupOf } from './group-routes.ts';

const ROLE_NAMES: Record<AccessLevel, string> = {
  0: 'No access',
  5: 'Minimal Access',
  10: 'Guest',
  15: 'Planner',
  20: 'Reporter',
  30: 'Developer',
  40: 'Maintainer',
  50: 'Owner',
};

/** Level 0 cannot be given to anybody. */
const accessLevel = oneOf([5, 10, 15, 20, 30, 40, 50]);

export const MEMBER_ROUTES: readonly Route[] = [
  { method: 'GET', pattern: '/api/v4/groups/:id/members', handler: getMembers },
  { method: 'POST', pattern: '/api/v4/groups/:id/members', handler: postMember },
  { method: 'GET', pattern: '/api/v4/groups/:id/members/all', handler: getAllMembers },
  { method: 'GET', pattern: '/api/v4/groups/:id/members/all/:user_id', handler: getEffectiveMember },
  { method: 'GET', pattern: '/api/v4/groups/:id/members/:user_id', handler: getMember },
  { method: 'PUT', pattern: '/api/v4/groups/:id/members/:user_id', handler: putMember },
  { method: 'DELETE', pattern: '/api/v4/groups/:id/members/:user_id', handler: deleteMember },
];

function getMembers(call: ApiCall): ApiAnswer {
  return paginated(call, groupOf(call).members, member => presentMember(call.instance, member));
}

function getAllMembers(call: ApiCall): ApiAnswer {
  const members = effectiveMembers(call.instance, groupOf(call), ['DIRECT', 'INHERITED']);
  return paginated(call, members, member => presentMember(call.instance, member));
}

function getEffectiveMember(call: ApiCall): ApiAnswer {
  const { user_id: userId } = declared({ user_id: required(integer) }, call.params);
  const members = effectiveMembers(call.instance, groupOf(call), ['DIRECT', 'INHERITED']);
  const member = members.find(candidate => candidate.userId === userId);
  if (!member) throw recordNotFound();
  return json(200, presentMember(call.instance, member));
}

function getMember(call: ApiCall): ApiAnswer {
  return json(200, presentMember(call.instance, memberOf(call, groupOf(call))));
}

function postMember(call: ApiCall): ApiAnswer {
  const { instance, currentUser } = call;
  const params = declared(
    { access_level: required(accessLevel), user_id: integer, username: text, expires_at: day },
    call.params,
  );
  exactlyOneOf(params, ['user_id', 'username']);
  const group = groupOf(call);
  // Owner is the highest role, so nobody who gets past this can give a role above the own one.
  requireRole(instance, currentUser, group, ACCESS_LEVELS.owner);
  const user =
    params.user_id === undefined
      ? instance.userByUsername(params.username ?? '')
      : instance.users.get(params.user_id);
  if (!user) throw notFound('User');
  if (directMember(group, user.id)) throw refuse(409, 'Member already exists');
  const attributes = {
    userId: user.id,
    accessLevel: params.access_level,
    expiresAt: params.expires_at ?? null,
    createdById: currentUser.id,
  };
  const errors = memberErrors(call, group, attributes);
  if (errors.any) throw refuse(400, errors);
  return json(201, presentMember(instance, addMember(instance, group, attributes)));
}

function putMember(call: ApiCall): ApiAnswer {
  const { instance } = call;
  const params = declared({ access_level: required(accessLevel), expires_at: text }, call.params);
  const group = groupOf(call);
  requireRole(instance, call.currentUser, group, ACCESS_LEVELS.owner);
  const member = memberOf(call, group);
  if (isLastOwner(instance, group, member)) throw forbidden();
  const attributes = {
    userId: member.userId,
    accessLevel: params.access_level,
    expiresAt:
      params.expires_at === ''
        ? null
        : (declared({ expires_at: day }, params).expires_at ?? member.expiresAt),
  };
  const errors = memberErrors(call, group, attributes);
  if (errors.any) throw refuse(400, errors);
  Object.assign(member, attributes, { updatedAt: new Date().toISOString() });
  return json(200, presentMember(instance, member));
}

function deleteMember(call: ApiCall): ApiAnswer {
  const group = groupOf(call);
  const member = memberOf(call, group);
  const leaving = member.userId === call.currentUser.id;
  if (!leaving) requireRole(call.instance, call.currentUser, group, ACCESS_LEVELS.owner);
  if (isLastOwner(call.instance, group, member)) throw forbidden();
  removeMember(group, member);
  return noContent();
}

function memberOf(call: ApiCall, group: SampleGroup): SampleMember {
  const { user_id: userId } = declared({ user_id: required(integer) }, call.params);
  const member = directMember(group, userId);
  if (!member) throw recordNotFound();
  return member;
}

function memberErrors(
  call: ApiCall,
  group: SampleGroup,
  { userId, accessLevel, expiresAt }: Pick<SampleMember, 'userId' | 'accessLevel' | 'expiresAt'>,
): ValidationErrors {
  const errors = new ValidationErrors();
  const inherited = highestInheritedMembership(call.instance, group, userId);
  if (inherited && inherited.member.accessLevel > accessLevel) {
    const role = ROLE_NAMES[inherited.member.accessLevel];
    errors.add(
      'access_level',
      `should be greater than or equal to ${role} inherited membership from group ${inherited.group.name}`,
    );
  }
  if (expiresAt !== null && expiresAt < new Date().toISOString().slice(0, 10)) {
    errors.add('expires_at', 'cannot be a date in the past');
  }
  return errors;
}
