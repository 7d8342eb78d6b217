import { describe, expect, it } from 'vitest';
import { NetworkError } from '../../lambdas/gitlab/errors.ts';
import { callOf, clientFor, errorOf } from '../support/gitlab/gitlab-client.ts';
import { EVIL_CONNECTIONS, ODD_CONNECTIONS, startEvilServer } from '../support/hostile/evil-connections.ts';

/** For a connection that lasts; the others end long before. */
const SHORT_MS = 300;
const LONG_MS = 30_000;

describe('a connection ends its request', () => {
  it.each(EVIL_CONNECTIONS.map(evil => [evil.name, evil] as const))('when it is %s', async (_, evil) => {
    const url = await startEvilServer(evil);
    const { client } = clientFor(url, { deadline: Date.now() + (evil.lasts ? SHORT_MS : LONG_MS) });

    const error = (await errorOf(client.rest(callOf()))) as NetworkError;

    expect(error).toBeInstanceOf(NetworkError);
    expect(error.message.length).toBeLessThanOrEqual(255);
    expect(error.reason === 'timeout').toBe(evil.lasts === true);
  });
});

describe('a good response counts, and the next one after it', () => {
  it.each(ODD_CONNECTIONS.map(odd => [odd.name, odd] as const))('also with %s', async (_, odd) => {
    const { client } = clientFor(await startEvilServer(odd), { deadline: Date.now() + LONG_MS });

    expect(await client.rest(callOf())).toEqual([]);
    expect(await client.rest(callOf())).toEqual([]);
  });
});
