import { vi } from 'vitest';
import * as z from 'zod/mini';
import { Secret } from '../../../lambdas/domain/secret.ts';
import {
  type ClientOptions,
  GitLabClient,
  type MutationDocument,
  type RestCall,
  type RestWrite,
} from '../../../lambdas/gitlab/client.ts';
import { payloadOf } from '../../../lambdas/gitlab/mutations.ts';
import { time } from '../../../lambdas/platform/time.ts';

export const TOKEN = 'fake-client-token';

/** A client for a server on loopback. Its pauses take no time; `pauses` collects how long they would have been. */
export function clientFor(
  baseUrl: string,
  options: Partial<ClientOptions> = {},
): { client: GitLabClient; pauses: number[] } {
  const pauses: number[] = [];
  vi.spyOn(time, 'pause').mockImplementation(async milliseconds => void pauses.push(milliseconds));
  const client = new GitLabClient({
    instance: 'source',
    baseUrl,
    token: new Secret(TOKEN),
    policy: 'any',
    ...options,
  });
  return { client, pauses };
}

/** A call whose answer may be anything. */
export function callOf(call: Partial<RestCall<unknown>> = {}): RestCall<unknown> {
  return { operation: 'read the thing', path: '/thing', schema: z.unknown(), ...call };
}

const CHANGE = { kind: 'create', target: 'Label', title: 'thing' } as const;

/** A write whose answer may be anything. The source takes none. */
export function writeOf<T = unknown>(write: Partial<RestWrite<T>> = {}): RestWrite<T> {
  const schema = z.unknown() as unknown as z.ZodMiniType<T>;
  return { operation: 'make the thing', method: 'POST', change: CHANGE, path: '/thing', schema, ...write };
}

/** A mutation whose answer may be anything. */
export function mutationOf(operation = 'make the thing'): MutationDocument<unknown> {
  const things = { mutation: 'thingCreate', inputType: 'ThingCreateInput', selection: 'thing { id }' };
  return { operation, ...things, schema: z.unknown(), items: [{ input: {}, change: CHANGE }] };
}

/** Sends it. @throws the error of its outcome */
export async function mutate<T>(client: GitLabClient, mutation: MutationDocument<T>): Promise<T> {
  return payloadOf((await client.write(mutation))[0]);
}

/** The error that a promise is rejected with. @throws when it is not rejected */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`It was not rejected, but became ${JSON.stringify(value)}.`);
}
