import * as z from 'zod/mini';
import type { MappedUser } from '../../domain/user-mapping.ts';
import { badRequest } from '../answers/http-errors.ts';
import { asObject, checkShape, flag, integer, matching, optional, text } from './parameters.ts';
import { parseUserMappingCsv } from './user-mapping-csv.ts';
import { checkTargets, isEmail, isUsername, type UserMappingParameters } from './user-mapping-rules.ts';

/** Each element of `users`. */
export const mappedUserShape = {
  source_user_id: integer(
    undefined,
    matching(id => id > 0 && Number.isSafeInteger(id), 'does not have a valid value'),
    z.describe('Id of the user at the source.'),
  ),
  username: optional(
    text(matching(isUsername, 'is invalid'), z.describe('User name of whom they are at the destination.')),
  ),
  email: optional(
    text(matching(isEmail, 'is invalid'), z.describe('E-mail address of whom they are at the destination.')),
  ),
  skip: flag(false),
};

/** Most elements of `users`: as many as the largest body has rows of a CSV. */
const MOST_USERS = 20_000;
/** Problems that are told of one request; whoever has more has one that is everywhere. */
const MOST_PROBLEMS = 100;

/** What stands beside `users`. */
export const sourceHostShape = {
  source_hostname: text(
    matching(host => host.trim() !== '', 'is empty'),
    matching(host => host.length <= 255, 'is too long (maximum is 255 characters)'),
    z.describe('Host of the source, or its base URL. Only with `users`: a file has it in a column.'),
  ),
};

/**
 * Reads a mapping from the part `file` of a form, a CSV, or from `users`.
 *
 * @throws the 400 that names every problem of `users`, or the 422 that says what is wrong with the file
 */
export async function parseUserMapping(input: Record<string, unknown>): Promise<UserMappingParameters> {
  const { file, users } = input;
  if (file !== undefined && users !== undefined) throw badRequest(['file, users are mutually exclusive']);
  if (users !== undefined) return parseUsers(input);
  if (file === undefined || file === null || file === '') throw badRequest(['file is missing']);
  if (typeof file === 'string') return parseUserMappingCsv(file);
  if (!(file instanceof File)) throw badRequest(['file is invalid']);
  return parseUserMappingCsv(await file.text());
}

function parseUsers({ users, ...input }: Record<string, unknown>): UserMappingParameters {
  const host = checkShape(sourceHostShape, input, name => name);
  const elements = Array.isArray(users) ? users.map(asObject) : [undefined];
  const whole = wholeProblem(elements);
  if (whole !== undefined) throw badRequest([...[...host.problems.values()].flat(), whole]);
  const checked = elements.map((element, index) =>
    checkShape(mappedUserShape, element ?? {}, name => `users[${index}][${name}]`),
  );
  const problems = [
    ...host.problems.values(),
    ...checked.flatMap(({ problems: own }) => [...own.values()]),
    ...checked.map(({ values, problems: own }, index) => (own.size > 0 ? [] : targetProblems(values, index))),
    repeated(checked.map(({ values }) => values.source_user_id)),
  ].flat();
  if (problems.length > 0) throw badRequest(problems.slice(0, MOST_PROBLEMS));
  const mapped = checked.map(({ values }): MappedUser => {
    const { source_user_id: sourceUserId, username, email, skip } = values;
    const target = skip ? 'nobody' : { ...(username && { username }), ...(email && { email }) };
    return { sourceUserId, name: '', username: '', target };
  });
  checkTargets(mapped);
  return { sourceHost: host.values.source_hostname.trim(), users: mapped };
}

/** What is wrong with `users` as such. */
function wholeProblem(elements: readonly (object | undefined)[]): string | undefined {
  if (elements.includes(undefined)) return 'users is invalid';
  if (elements.length === 0) return 'users is empty';
  if (elements.length > MOST_USERS) return `users is too long (maximum is ${MOST_USERS} elements)`;
  return undefined;
}

type Given = { username: string | undefined; email: string | undefined; skip: boolean };

function targetProblems({ username, email, skip }: Given, index: number): string[] {
  const given = [username, email, skip || undefined].filter(value => value !== undefined).length;
  const names = ['username', 'email', 'skip'].map(name => `users[${index}][${name}]`).join(', ');
  if (given === 1) return [];
  return [
    given === 0
      ? `${names} are missing, exactly one parameter must be provided`
      : `${names} are mutually exclusive`,
  ];
}

function repeated(ids: readonly number[]): string[] {
  const seen = new Map<number, number>();
  const problems: string[] = [];
  for (const [index, id] of ids.entries()) {
    if (seen.has(id)) problems.push(`users[${index}][source_user_id] is the same as users[${seen.get(id)}]`);
    else if (id !== undefined) seen.set(id, index);
  }
  return problems;
}
