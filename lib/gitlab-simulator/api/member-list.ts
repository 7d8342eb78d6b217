import { type ApiAnswer, json } from '../answer.ts';
import type { MEMBERS } from '../declarations/members.ts';
import { addMember, directMember } from '../memberships.ts';
import type { AccessLevel, SampleGroup } from '../model.ts';
import type { CallOf } from '../route.ts';
import { memberErrors } from './member-errors.ts';

/**
 * Adds a comma-separated list of users. Whoever is a member already gets the new level; a user who cannot be added is
 * named in the answer, whose status is that of a success.
 */
export function addListedMembers(call: CallOf<typeof MEMBERS.add>, group: SampleGroup): ApiAnswer {
  const { instance, currentUser, params } = call;
  const problems: Record<string, string> = {};
  for (const id of String(params.user_id).split(',')) {
    const user = instance.users.get(Number(id));
    if (!user) continue;
    const attributes = {
      userId: user.id,
      accessLevel: params.access_level as AccessLevel,
      expiresAt: params.expires_at?.slice(0, 10) ?? null,
      createdById: currentUser.id,
    };
    const errors = memberErrors(instance, group, attributes);
    const member = directMember(group, user.id);
    if (errors.any) problems[user.username] = errors.toSentences().join(' and ');
    else if (member)
      Object.assign(member, { accessLevel: attributes.accessLevel, updatedAt: new Date().toISOString() });
    else addMember(instance, group, attributes);
  }
  const failed = Object.keys(problems).length > 0;
  return json(201, failed ? { status: 'error', message: problems } : { status: 'success' });
}
