import { type ApiAnswer, json } from '../answer.ts';
import type { MEMBERS } from '../declarations/members.ts';
import { addMember, directMember, type MemberSource } from '../memberships.ts';
import type { AccessLevel } from '../model.ts';
import type { CallOf } from '../route.ts';
import { memberErrors } from './member-errors.ts';
import { isQueued, QUEUED } from './queued-members.ts';

/** GitLab's limit. */
const MOST_USERS = 100;

/** The code of 14.0 and of some 16 made one sentence of all errors, newer code names each user; the version is chosen. */
const BY_NAME_SINCE = '17.0';

/**
 * Adds a comma-separated list of users. Whoever is a member already gets the new level and expiry, also lower ones; who
 * cannot be added is named in an answer whose status is that of a success.
 */
export function addListedMembers(call: CallOf<typeof MEMBERS.add>, source: MemberSource): ApiAnswer {
  const { instance, currentUser, params } = call;
  const ids = [...new Set(String(params.user_id).split(','))];
  if (ids.length > MOST_USERS) return failed(`Too many users specified (limit is ${MOST_USERS})`);
  const problems = new Map<string, string>();
  const queued: Record<string, string> = {};
  for (const id of ids) {
    const user = instance.users.get(Number(id));
    if (!user) {
      // What is no user's id is taken for an address.
      problems.set(id, 'Invite email is invalid');
      continue;
    }
    const attributes = {
      userId: user.id,
      accessLevel: params.access_level as AccessLevel,
      expiresAt: params.expires_at?.slice(0, 10) ?? null,
      createdById: currentUser.id,
    };
    const errors = memberErrors(instance, source, attributes);
    const member = directMember(source, user.id);
    const { accessLevel, expiresAt } = attributes;
    if (errors.any) problems.set(user.username, sentence(errors.toSentences()));
    else if (isQueued(call, accessLevel) && accessLevel > (member?.accessLevel ?? 0))
      queued[user.username] = QUEUED;
    else if (member) Object.assign(member, { accessLevel, expiresAt, updatedAt: new Date().toISOString() });
    else addMember(instance, source, attributes);
  }
  if (problems.size > 0) {
    return failed(
      instance.versionAtLeast(BY_NAME_SINCE)
        ? Object.fromEntries(problems)
        : sentence([...problems].map(([name, words]) => `${name}: ${words}`)),
    );
  }
  return json(201, {
    status: 'success',
    ...(Object.keys(queued).length > 0 && { queued_users: queued }),
  });
}

function failed(message: string | Record<string, string>): ApiAnswer {
  return json(201, { status: 'error', message });
}

/** Rails' `to_sentence`. */
function sentence(parts: readonly string[]): string {
  if (parts.length < 3) return parts.join(' and ');
  return `${parts.slice(0, -1).join(', ')}, and ${parts.at(-1)}`;
}
