import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod/mini';
import { bulkImportSchema, entitySchema } from '../../../lambdas/api/answers/record-schemas.ts';
import { isTerminal } from '../../../lambdas/domain/statuses.ts';
import type { SampleGitLab } from '../../../lib/gitlab-simulator/sample-gitlab.ts';

/** Tokens of the two sample GitLabs. */
export const TOKENS = {
  /** Owner of the groups at the source. */
  source: 'sample-source-owner-token',
  /** Reporter of the groups at the source, who may not export them. */
  sourceReporter: 'sample-source-reporter-token',
  sourceReadApi: 'sample-source-read-api-token',
  /** The caller whom most tests use: owner of the group `imported`. */
  dora: 'sample-dora-token',
  doraReadApi: 'sample-dora-read-api-token',
  otto: 'sample-otto-token',
  /** May not create top-level groups. */
  nina: 'sample-nina-token',
  admin: 'sample-admin-token',
} as const;

export type BulkImport = z.infer<typeof bulkImportSchema>;
export type BulkEntity = z.infer<typeof entitySchema>;

export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed when it is JSON, the text otherwise. */
  body: unknown;
}

export interface CallOptions {
  /** Sent as `PRIVATE-TOKEN`; dora's unless given, `null` for none. */
  token?: string | null;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is. */
  body?: RequestInit['body'];
  headers?: Record<string, string>;
}

/** What a `POST /bulk_imports` says about one entity; the rest is filled in. */
export interface WantedEntity {
  source_type?: string;
  source_full_path?: string;
  destination_slug?: string;
  destination_namespace?: string;
  migrate_projects?: boolean;
  migrate_memberships?: boolean;
  excluded_relations?: string | string[];
}

/** A POST of which something is wrong; the rest is filled in. */
export interface Refusable {
  configuration?: { url?: string; access_token?: string };
  entities?: WantedEntity[];
  token?: string;
}

/** How long an import of a test may take. Far more than any needs, on a machine that does other things as well. */
const LONGEST_IMPORT_MS = 50_000;
const POLL_MS = 20;
/** Asking for an import takes the time that its migration needs, so it is done less often the longer that takes. */
const POLL_SHARE = 0.2;

/** Calls the HTTP API of a service. */
export async function callApi(
  baseUrl: string,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Answer> {
  const { token = TOKENS.dora, json, body, headers } = options;
  const response = await fetch(`${baseUrl}/api/v4${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(token !== null && { 'private-token': token }),
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    body: json === undefined ? (body ?? null) : JSON.stringify(json),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json' && text !== '';
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

/**
 * Asks again and again until the answer is not `undefined`.
 *
 * @param share of the time waited so far that passes before it asks again, if that is more than a moment
 * @throws when it takes too long
 */
export async function until<T>(
  what: string,
  ask: () => T | undefined | Promise<T | undefined>,
  share = 0,
): Promise<T> {
  const start = performance.now();
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    const waited = performance.now() - start;
    if (waited > LONGEST_IMPORT_MS) throw new Error(`waited ${LONGEST_IMPORT_MS} ms in vain for ${what}`);
    await pause(Math.max(POLL_MS, waited * share));
  }
}

const QUIET_MS = 300;

/** Waits until nothing has asked a GitLab for a while. */
export async function untilQuiet(gitlab: SampleGitLab): Promise<void> {
  let seen = -1;
  while (seen !== gitlab.statistics.total) {
    seen = gitlab.statistics.total;
    await pause(QUIET_MS);
  }
}

/** A client of one service, which reads every answer through the schemas of the API. */
export class ApiClient {
  readonly url: string;
  readonly #sourceUrl: string;

  constructor(url: string, sourceUrl: string) {
    this.url = url;
    this.#sourceUrl = sourceUrl;
  }

  call(method: string, path: string, options?: CallOptions): Promise<Answer> {
    return callApi(this.url, method, path, options);
  }

  /** The body of a POST: what is not given goes from `acme` of the source to `imported/<slug>`. */
  request(entities: WantedEntity[], configuration: { url?: string; access_token?: string } = {}) {
    return {
      configuration: { url: this.#sourceUrl, access_token: TOKENS.source, ...configuration },
      entities: entities.map(entity => ({
        source_type: 'group_entity',
        source_full_path: 'acme',
        destination_slug: 'acme',
        destination_namespace: 'imported',
        ...entity,
      })),
    };
  }

  post(entities: WantedEntity[], token: string = TOKENS.dora): Promise<Answer> {
    return this.call('POST', '/bulk_imports', { token, json: this.request(entities) });
  }

  /** Starts an import and returns its id. @throws unless it is accepted */
  async start(entities: WantedEntity[], token?: string): Promise<number> {
    const { status, body } = await this.post(entities, token);
    if (status !== 201) throw new Error(`the import was refused: ${status} ${JSON.stringify(body)}`);
    return bulkImportSchema.parse(body).id;
  }

  /** Sends a POST and returns the message of its refusal. @throws unless that is a 422 with nothing but a message */
  async refusal({ configuration, entities = [{}], token = TOKENS.dora }: Refusable): Promise<string> {
    const json = this.request(entities, configuration);
    const { status, body } = await this.call('POST', '/bulk_imports', { token, json });
    if (status !== 422) throw new Error(`expected a refusal: ${status} ${JSON.stringify(body)}`);
    return z.strictObject({ message: z.string() }).parse(body).message;
  }

  /** Asks for another attempt of an import, with the source's token unless the body says otherwise. */
  retry(importId: number, body: Record<string, unknown> = {}, options: CallOptions = {}): Promise<Answer> {
    const configuration = { access_token: TOKENS.source };
    return this.call('POST', `/bulk_imports/${importId}/retry`, {
      json: { configuration, ...body },
      ...options,
    });
  }

  async getImport(importId: number, token: string = TOKENS.dora): Promise<BulkImport> {
    return bulkImportSchema.parse((await this.call('GET', `/bulk_imports/${importId}`, { token })).body);
  }

  async getEntities(importId: number, token: string = TOKENS.dora): Promise<BulkEntity[]> {
    const path = `/bulk_imports/${importId}/entities?per_page=100`;
    return z.array(entitySchema).parse((await this.call('GET', path, { token })).body);
  }

  /** Waits until an import has ended and returns it. */
  untilEnded(importId: number, token?: string): Promise<BulkImport> {
    const ask = async () => {
      const record = await this.getImport(importId, token);
      return isTerminal(record.status) ? record : undefined;
    };
    return until(`the end of import ${importId}`, ask, POLL_SHARE);
  }
}
