import { expect } from 'vitest';
import type {
  Fault,
  SampleGitLab,
  SampleGitLabOptions,
  SampleRequest,
} from '../../../lib/gitlab-simulator/sample-gitlab.ts';
import type { ApiClient, BulkEntity, BulkImport, WantedEntity } from './bulk-imports-client.ts';
import { startDestination, startSource } from './service.ts';
import type { ServiceInMemory } from './service-in-memory.ts';

/** Two GitLabs with nothing but their users, and the service between them. */
export interface GitLabPair {
  source: SampleGitLab;
  destination: SampleGitLab;
  api: ApiClient;
}

/** Starts both until the tests of the file are over. */
export async function startPair(
  service: ServiceInMemory,
  options: { source?: SampleGitLabOptions; destination?: SampleGitLabOptions } = {},
): Promise<GitLabPair> {
  const [source, destination] = await Promise.all([
    startSource(options.source),
    startDestination(options.destination),
  ]);
  return { source, destination, api: service.between(source, destination) };
}

export interface Outcome {
  record: BulkImport;
  entities: BulkEntity[];
  failures: BulkEntity['failures'];
  /** How long it took by the clock, which moves on by what is waited. */
  seconds: number;
}

/** Migrates entities, `acme` to `imported/acme` unless they say otherwise. Whatever fails must say so in a whole sentence. */
export async function migrate(api: ApiClient, entities: WantedEntity[] = [{}]): Promise<Outcome> {
  const begin = Date.now();
  return outcomeOf(api, await api.start(entities), begin);
}

/** The same of an import that was started. */
export async function outcomeOf(api: ApiClient, importId: number, begin = Date.now()): Promise<Outcome> {
  const record = await api.untilEnded(importId);
  const entities = await api.getEntities(importId);
  const failures = entities.flatMap(entity => entity.failures);
  for (const { exception_message } of failures) {
    expect(exception_message.length).toBeLessThanOrEqual(255);
    expect(exception_message).toMatch(/[^…]\.$/);
  }
  for (const { status, stats } of entities) {
    if (status !== 'finished') continue;
    for (const { source, imported, skipped, failed } of Object.values(stats)) {
      expect(imported + skipped + failed).toBe(source);
    }
  }
  return { record, entities, failures, seconds: (Date.now() - begin) / 1000 };
}

/** Begins another attempt of an import, and waits for its end. */
export async function retry(
  api: ApiClient,
  importId: number,
  body: Record<string, unknown> = {},
): Promise<Outcome> {
  expect((await api.retry(importId, body)).status).toBe(201);
  return outcomeOf(api, importId);
}

/** Lets each request that a rule applies to meet a fault the first time that it is sent. @returns which met it */
export function onceEach(
  gitlab: SampleGitLab,
  applies: (request: SampleRequest) => boolean,
  fault: Fault,
): Set<string> {
  const met = new Set<string>();
  gitlab.onRequest = request => {
    const key = `${request.method} ${request.path} ${JSON.stringify(request.body)}`;
    if (!applies(request) || met.has(key)) return undefined;
    met.add(key);
    return fault;
  };
  return met;
}

const REPLAYED = 'x-replayed';

export interface ReplayedResponse {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/**
 * Handles a request as ever and lets its response be changed on the way back, as a proxy or another version would. Of
 * requests whose path has no encoded slash, and which bring no file.
 */
export function changeResponses(
  gitlab: SampleGitLab,
  change: (request: SampleRequest, response: ReplayedResponse) => ReplayedResponse | undefined,
  applies: (request: SampleRequest) => boolean = () => true,
): void {
  gitlab.onRequest = request => {
    if (request.headers[REPLAYED] !== undefined || !applies(request)) return undefined;
    if (request.headers['content-type']?.startsWith('multipart/')) return undefined;
    return { kind: 'hold', until: replay(gitlab, request, change) };
  };
}

async function replay(
  gitlab: SampleGitLab,
  request: SampleRequest,
  change: (request: SampleRequest, response: ReplayedResponse) => ReplayedResponse | undefined,
): Promise<Fault> {
  const { method, path, query, headers, body } = request;
  const response = await fetch(`${gitlab.url}${encodeURI(path)}?${query}`, {
    method,
    headers: {
      authorization: headers.authorization ?? '',
      [REPLAYED]: 'yes',
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const kept = [...response.headers].filter(
    ([name]) => !['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding'].includes(name),
  );
  const original = {
    status: response.status,
    headers: Object.fromEntries(kept),
    body: await response.text(),
  };
  return { kind: 'respond', ...(change(request, original) ?? original) };
}

/** Whether a request asks GraphQL for something by this word. */
export function isGraphql(word: string): (request: SampleRequest) => boolean {
  return ({ path, body }) => path === '/api/graphql' && JSON.stringify(body).includes(word);
}

/** Whether a request has this method and a path that ends like this. */
export function isRest(method: string, ending: string): (request: SampleRequest) => boolean {
  return request => request.method === method && request.path.endsWith(ending);
}
