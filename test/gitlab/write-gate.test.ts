import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod/mini';
import type { RateLimitStore } from '../../lambdas/domain/rate-limit-store.ts';
import { Secret } from '../../lambdas/domain/secret.ts';
import { startExport } from '../../lambdas/gitlab/api/project-exports.ts';
import type { GitLabClient } from '../../lambdas/gitlab/client.ts';
import { pipelineClients } from '../../lambdas/gitlab/connections.ts';
import { throughGate } from '../../lambdas/gitlab/write-gate.ts';
import { callOf, clientFor, errorOf, mutationOf, writeOf } from '../support/gitlab/gitlab-client.ts';
import { startHttpServer } from '../support/network/http-server.ts';

describe('a client of the source', () => {
  it.each([
    ['a POST', (client: GitLabClient) => client.write(writeOf())],
    ['a PUT', (client: GitLabClient) => client.write(writeOf({ method: 'PUT' }))],
    [
      'a DELETE',
      (client: GitLabClient) =>
        client.write(
          writeOf({ method: 'DELETE', change: { kind: 'delete', target: 'ProjectExport', title: null } }),
        ),
    ],
    [
      'an order of an archive with another change beside it',
      (client: GitLabClient) =>
        client.write(
          writeOf({
            change: [
              { kind: 'create', target: 'ProjectExport', title: null },
              { kind: 'create', target: 'Label', title: 'a' },
            ],
          }),
        ),
    ],
    ['a mutation', (client: GitLabClient) => client.write(mutationOf())],
  ])('does not send %s', async (_, write) => {
    const server = await startHttpServer();

    const error = await errorOf(write(clientFor(server.url).client));

    expect(String(error)).toContain('The source is only read, and not asked to make the thing.');
    expect(server.requests).toEqual([]);
  });

  it('orders the archive of a project, and that is all', async () => {
    const server = await startHttpServer({ status: 202, body: '{"message":"202 Accepted"}' });

    await startExport(clientFor(server.url).client, 7);

    expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /api/v4/projects/7/export',
    ]);
    const stating = sources.filter(({ text }) => text.includes("'ProjectExport'"));
    expect(stating.map(({ name }) => name)).toEqual(['project-exports.ts']);
    expect(stating.flatMap(({ text }) => text.match(/client\.write\(/g))).toHaveLength(1);
  });
});

describe('a read', () => {
  const destination = async () => {
    const server = await startHttpServer({ body: '[]' });
    return { server, client: clientFor(server.url, { instance: 'destination' }).client };
  };

  it('by REST is a GET, whatever it was asked for', async () => {
    const { server, client } = await destination();
    const call = { ...callOf(), method: 'DELETE', json: { a: 1 }, schema: z.array(z.unknown()) };

    await client.rest(call);
    await client.page(call, null);
    await client.all(call);
    await client.count(call);

    expect(server.requests.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET', 'GET']);
  });

  it.each([
    'mutation { a }',
    ' mutation($a: ID) { a }',
    'subscription { a }',
    'fragment F on A { b }',
    'queryless { a }',
  ])('by GraphQL is none when the document begins as "%s"', async document => {
    const { server, client } = await destination();
    const call = { operation: 'ask', query: document as '{', variables: {}, schema: z.unknown() };

    expect(String(await errorOf(client.graphql(call)))).toContain('Only what begins as a query');
    expect(server.requests).toEqual([]);
  });
});

it('is a read, or states what it changes, by its types', () => {
  const schema = z.unknown();
  const mistakes = (client: GitLabClient) => [
    // @ts-expect-error A read has no method.
    () => client.rest({ operation: '', path: '/', schema, method: 'POST' }),
    // @ts-expect-error A query does not begin as a mutation.
    () => client.graphql({ operation: '', query: 'mutation { a }', variables: {}, schema }),
    // @ts-expect-error A write states what it changes.
    () => client.write({ operation: '', path: '/', schema, method: 'POST' }),
    // @ts-expect-error A change states its fields.
    () => client.write(writeOf({ change: { kind: 'change', target: 'Label', title: 'a' } })),
  ];

  expect(mistakes).toBeTypeOf('function');
});

it('lets no write pass that does not state what it changes', async () => {
  const send = () => Promise.reject(new Error('It was sent.'));

  const stated = { operation: 'change it', method: 'POST', path: '/', changes: [], attributes: [] } as const;

  const error = await errorOf(throughGate('destination', stated, {}, send, () => []));

  expect(String(error)).toContain('not stated');
});

describe('the clients of a run that only looks', () => {
  it.each([
    ['a POST', 'destination', (client: GitLabClient) => client.write(writeOf())],
    ['a mutation', 'destination', (client: GitLabClient) => client.write(mutationOf())],
    ['the order of an archive', 'source', (client: GitLabClient) => startExport(client, 7)],
  ] as const)('do not send %s', async (_, instance, write) => {
    vi.stubEnv('ALLOW_PRIVATE_NETWORKS', 'true');
    const server = await startHttpServer({ status: 202 });
    const urls = { sourceUrl: server.url, destinationUrl: server.url };
    const token = new Secret('fake-token');
    const rateLimits = { find: async () => undefined } as unknown as RateLimitStore;
    const until = Date.now() + 10_000;
    const clients = pipelineClients(urls, { source: token, destination: token }, until, {
      rateLimits,
      isClosed: true,
    });

    expect(String(await errorOf(write(clients[instance])))).toContain(
      'A run that only looks changes nothing',
    );

    expect(server.requests).toEqual([]);
    vi.unstubAllEnvs();
  });
});

const API = new URL('../../lambdas/gitlab/api/', import.meta.url);
const sources = readdirSync(API)
  .filter(name => name.endsWith('.ts'))
  .map(name => ({ name, text: readFileSync(new URL(name, API), 'utf8') }));

/** The methods of the client that were seen above to send no change, and the one that does. */
const METHODS = new Set(['rest', 'page', 'all', 'count', 'graphql', 'download', 'stream', 'write']);

const code = (text: string) => text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');

describe.each(sources)('$name', ({ text }) => {
  it('sends no change but by the write gate', () => {
    const methods = [...code(text).matchAll(/\bclient\s*\.\s*(\w+)\s*[(<]/g)].map(([, name]) => name);
    const queries = code(text).match(/query: [`'"]\s*mutation/g) ?? [];

    expect(methods.filter(name => !METHODS.has(name ?? ''))).toEqual([]);
    expect(queries).toEqual([]);
  });

  it('has no other way to a GitLab than the client', () => {
    expect(code(text)).not.toMatch(
      /http-client|transport\.ts|tunnel|agents\.ts|node:(http|net|tls)|\bfetch\(/,
    );
  });
});

it('has looked at calls that change something', () => {
  const writes = sources.flatMap(({ text }) => text.match(/client\.write\(/g) ?? []);

  expect(writes.length).toBeGreaterThanOrEqual(10);
});
