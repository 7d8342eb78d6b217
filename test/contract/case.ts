import { expect } from 'vitest';
import { type CallOptions, TOKENS } from '../support/service/bulk-imports-client.ts';
import type { Contract } from '../support/service/contract.ts';
import { SPECIAL_TOKENS, type World } from './world.ts';

const ALL_TOKENS = { ...TOKENS, ...SPECIAL_TOKENS, unknown: 'sample-unknown-token', none: null };

/**
 * One line of the contract: a request and its answer. Everywhere in it `{name}` stands for what the world calls so,
 * e.g. `{finished}` for the id of lena's finished import.
 */
export interface Case {
  /** What is promised, as the end of a sentence that the group of the case begins. */
  it: string;
  /** Method and path below `/api/v4`. */
  send: string;
  /** Whose token goes with it as `PRIVATE-TOKEN`; lena's unless it says otherwise. */
  as?: keyof typeof ALL_TOKENS;
  json?: unknown;
  /** Fields of a form; `multipart` sends them as such. */
  form?: Record<string, string> | [string, string][];
  multipart?: true;
  text?: string;
  /** Sent as JSON, but without a content type. */
  untyped?: unknown;
  with?: Record<string, string>;
  status: number;
  /** The whole body. */
  body?: unknown;
  /** Names of the records that the body lists, in order. */
  lists?: string[];
  /** Headers that the answer has; `null` for those that it has not. */
  headers?: Record<string, string | null>;
  /** Paths that the source is asked for although it has no such endpoint, because of what the request says. */
  unknownPaths?: string[];
}

/** Sends a case's request and compares the answer. */
export async function check(wanted: Case, contract: Contract, world: World): Promise<void> {
  const [method = '', path = ''] = filled(wanted.send, world).split(' ');

  const { status, headers, body } = await contract.call(method, path, optionsOf(wanted, world));

  expect({ status, body }).toMatchObject({ status: wanted.status });
  if ('body' in wanted) expect(body).toEqual(filled(wanted.body, world));
  if (wanted.lists !== undefined) {
    expect((body as { id: number }[]).map(({ id }) => id)).toEqual(
      wanted.lists.map(name => world.names.get(name)),
    );
  }
  for (const [name, value] of Object.entries(wanted.headers ?? {})) {
    expect([name, headers.get(name)]).toEqual([name, filled(value, world)]);
  }
  if (wanted.unknownPaths !== undefined) {
    expect(world.service.source.takeUndeclared()).toEqual(
      wanted.unknownPaths.map(unknown => expect.stringContaining(`GET ${unknown} `)),
    );
  }
}

function optionsOf(
  { as = 'lena', json, form, multipart, text, untyped, with: headers }: Case,
  world: World,
): CallOptions {
  const options: CallOptions = { token: ALL_TOKENS[as], ...(headers && { headers: filled(headers, world) }) };
  if (json !== undefined) return { ...options, json: filled(json, world) };
  if (untyped !== undefined) {
    return { ...options, body: new TextEncoder().encode(JSON.stringify(filled(untyped, world))) };
  }
  if (text !== undefined) return { ...options, body: text };
  if (form === undefined) return options;
  const body = multipart ? new FormData() : new URLSearchParams();
  for (const [name, value] of Array.isArray(form) ? form : Object.entries(form)) {
    body.append(name, filled(value, world));
  }
  return { ...options, body };
}

/** The value with all names replaced; a text that is nothing but a name becomes what the name stands for. */
function filled<T>(value: T, world: World): T {
  if (typeof value === 'string') return fillText(value, world) as T;
  if (Array.isArray(value)) return value.map(element => filled(element, world)) as T;
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner, world)])) as T;
}

function fillText(text: string, { names }: World): string | number {
  const [, only = ''] = /^{([\w-]+)}$/.exec(text) ?? [];
  const whole = names.get(only);
  return whole ?? text.replaceAll(/{([\w-]+)}/g, (found, name: string) => String(names.get(name) ?? found));
}
