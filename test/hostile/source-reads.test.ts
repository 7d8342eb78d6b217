import { describe, expect, it } from 'vitest';
import { clientFor } from '../support/gitlab/gitlab-client.ts';
import { outcomeOf, READS } from '../support/hostile/evil-reads.ts';
import { EVIL_BODIES, EVIL_HEADERS, type EvilResponse } from '../support/hostile/evil-responses.ts';
import { startHttpServer } from '../support/network/http-server.ts';

/** Enough for more values and levels than are taken. */
const BYTES = 760_000;

async function outcomesOf({ headers }: EvilResponse, status: number, body: Buffer): Promise<string[]> {
  const type = { 'content-type': 'application/json' };
  const server = await startHttpServer({ status, body, headers: { ...type, ...headers } });
  // Pauses between tries take no time.
  clientFor(server.url);
  // A refusal is read in one place, whatever was asked.
  const reads = status === 200 ? Object.keys(READS) : ['record', 'graphql'];
  return Promise.all(reads.map(read => outcomeOf(read, server.url)));
}

const named = (responses: EvilResponse[]) => responses.map(evil => [evil.name, evil] as const);
const IN_A_FEW_WORDS = /^(ok|BulkImports::\w+: .{1,255})$/;

// What unfolds is a matter of its size: see `memory.test.ts`.
describe.each(named(EVIL_BODIES.filter(({ name }) => !/bomb/.test(name))))('%s', (_, evil) => {
  const body = evil.body(BYTES);

  it.each([200, 401])('ends each read in a few words, with status %i', async status => {
    for (const outcome of await outcomesOf(evil, status, body)) expect(outcome).toMatch(IN_A_FEW_WORDS);
  });
});

describe.each(named(EVIL_HEADERS))('%s', (_, evil) => {
  const body = evil.body(BYTES);

  it.each([200, 429])('ends each read in a few words, with status %i', async status => {
    for (const outcome of await outcomesOf(evil, status, body)) expect(outcome).toMatch(IN_A_FEW_WORDS);
  });
});
