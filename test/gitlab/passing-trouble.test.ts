import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { isTooComplex } from '../../lambdas/gitlab/client-errors.ts';
import { NetworkError, TemporaryError, TokenRejectedError } from '../../lambdas/gitlab/errors.ts';
import {
  callOf,
  clientFor,
  errorOf,
  mutate,
  mutationOf,
  TOKEN,
  writeOf,
} from '../support/gitlab/gitlab-client.ts';
import { type Behaviour, startHttpServer } from '../support/network/http-server.ts';

const html = (status: number, body = '<!doctype html><title>Just a moment...</title>') => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body,
});
const json = (status: number, value: unknown) => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

const destinationFor = (url: string) => clientFor(url, { instance: 'destination' }).client;

async function errorAfter(reply: Behaviour) {
  const server = await startHttpServer(reply);
  return (await errorOf(destinationFor(server.url).write(writeOf()))) as TemporaryError;
}

const query = { operation: 'list the members', query: '{ a }', variables: {}, schema: z.unknown() } as const;

async function graphqlErrorAfter(reply: Behaviour) {
  const server = await startHttpServer(reply);
  const error = await errorOf(mutate(destinationFor(server.url), mutationOf('list the members')));
  return error as TemporaryError;
}

describe('an outage', () => {
  it.each([408, 499, 500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530])(
    'is a status of %i, whatever its body is',
    async status => {
      for (const reply of [json(status, { message: 'no' }), html(status), { status, body: '' }]) {
        const error = await errorAfter(reply);

        expect(error).toBeInstanceOf(TemporaryError);
        expect(error).toMatchObject({ status, waitsFor: 'outage', retryAfter: undefined });
      }
    },
  );

  it('is waited for as long as it asks, and not as long as the quota lasts', async () => {
    const reset = { 'ratelimit-reset': String(Math.ceil(Date.now() / 1000) + 50) };
    const asking = await errorAfter({ status: 503, headers: { 'retry-after': '7', ...reset } });
    const silent = await errorAfter({ status: 500, headers: reset });

    expect([asking.retryAfter, silent.retryAfter]).toEqual([7, undefined]);
  });

  it.each([200, 400, 401, 403, 404, 405, 409, 422])(
    'is a web page with status %i, which is no word of GitLab',
    async status => {
      const error = await errorAfter(html(status));

      expect(error).toBeInstanceOf(TemporaryError);
      // No caller may take a firewall's 404 for a missing record, nor its 401 for a lost token.
      expect(error).toMatchObject({ status: undefined, waitsFor: 'outage', reason: 'Just a moment...' });
      expect(error.message).toBe(
        `The destination GitLab could not make the thing: a web page came in place of its response (${status} Just a moment...). Check its base URL, and that firewalls and proxies let this service's requests pass.`,
      );
    },
  );

  it.each([
    ['without a type', { status: 403, body: '\n <html>no</html>' }],
    [
      'of another type',
      { status: 403, headers: { 'content-type': 'text/plain' }, body: '<center>403</center>' },
    ],
    ['without a body', { status: 403, headers: { 'content-type': 'text/html' }, body: '' }],
  ])('is a web page %s', async (_, reply) => {
    expect(await errorAfter(reply)).toMatchObject({ waitsFor: 'outage', status: undefined });
  });

  it('that is a page once is sat out by a read', async () => {
    const server = await startHttpServer(html(403), html(200), json(200, 1));

    expect(await clientFor(server.url).client.rest(callOf())).toBe(1);
  });

  it('that is a page in place of a missing file is no missing file', async () => {
    const server = await startHttpServer(html(404));

    const error = await errorOf(clientFor(server.url).client.download('send the file', '/file', 100));

    expect(error).toBeInstanceOf(TemporaryError);
  });

  it('is not the XML of an object storage, which means what it says', async () => {
    const body = '<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>';
    const error = await errorAfter({ status: 404, headers: { 'content-type': 'application/xml' }, body });

    expect(error).not.toBeInstanceOf(TemporaryError);
    expect(error).toMatchObject({ status: 404 });
  });

  it('is a connection that is dropped under a write, at once and with no time to wait', async () => {
    const error = await errorAfter(response => response.socket?.destroy());

    expect(error).toBeInstanceOf(TemporaryError);
    expect(error).toMatchObject({ reason: 'ECONNRESET', waitsFor: 'outage', retryAfter: undefined });
  });
});

describe('a limit', () => {
  it('is a 429, with the time that it asks for', async () => {
    const reply = { status: 429, headers: { 'retry-after': '17' }, body: 'Retry later\n' };

    expect(await errorAfter(reply)).toMatchObject({
      waitsFor: 'limit',
      retryAfter: 17,
      reason: 'Retry later',
    });
  });

  it.each([
    ['plain text', { status: 429, body: 'Retry later\n' }],
    ['an application limit', json(429, { message: { error: 'Try again later.' } })],
    ['a web page', html(429)],
  ])('is a 429 that names no time: %s', async (_, reply) => {
    expect(await errorAfter(reply)).toMatchObject({ status: 429, waitsFor: 'limit', retryAfter: undefined });
  });
});

describe('GraphQL', () => {
  it.each(['Timeout on validation of query', 'Timeout on GroupMember.user', 'Internal server error'])(
    'is in an outage when it says "%s"',
    async message => {
      const error = await graphqlErrorAfter(json(200, { data: null, errors: [{ message }] }));

      expect(error).toBeInstanceOf(TemporaryError);
      expect(error).toMatchObject({ waitsFor: 'outage', reason: message });
    },
  );

  it('is asked again after an error of its own, and not after a time-out of half a minute', async () => {
    const once = (message: string) =>
      startHttpServer(json(200, { errors: [{ message }] }), json(200, { data: 1 }));
    const [broken, slow] = [
      await once('Internal server error'),
      await once('Timeout on validation of query'),
    ];

    expect(await clientFor(broken.url).client.graphql(query)).toBe(1);
    expect(await errorOf(clientFor(slow.url).client.graphql(query))).toBeInstanceOf(TemporaryError);
  });

  it('says so when a query is too complex', async () => {
    const message = 'Query has complexity of 320, which exceeds max complexity of 250';
    const error = await graphqlErrorAfter(json(200, { errors: [{ message }] }));
    const other = await graphqlErrorAfter(json(200, { errors: [{ message: "Field 'a' doesn't exist" }] }));

    expect(error).not.toBeInstanceOf(TemporaryError);
    expect([isTooComplex(error), isTooComplex(other)]).toEqual([true, false]);
  });

  it.each([
    ['by its status', json(401, { errors: [{ message: 'Invalid token' }] })],
    ['by its words', json(200, { errors: [{ message: 'Invalid token' }] })],
  ])('rejects a token %s', async (_, reply) => {
    expect(await graphqlErrorAfter(reply)).toBeInstanceOf(TokenRejectedError);
  });

  it.each([
    ['a gateway without a route', json(404, { error: '404 Not Found' }), '404 Not Found'],
    ['a gateway that says nothing', { status: 404, body: '' }, '404'],
    ['a gateway that forbids', { status: 403, body: 'denied' }, '403 denied'],
    ['a gateway with other words', json(403, { message: 'no such service' }), '403 no such service'],
    ['a gateway that lets nothing be posted', json(405, { error: '405 Not Allowed' }), '405 Not Allowed'],
  ])('is closed by %s', async (_, reply, said) => {
    const error = await graphqlErrorAfter(reply);

    expect(error).not.toBeInstanceOf(TemporaryError);
    expect(error.message).toBe(
      `The destination GitLab refused to list the members: ${said}. Its GraphQL API cannot be reached: let /api/graphql be open for this service, in gateways and proxies too.`,
    );
  });

  it('is closed by a firewall, which is waited for', async () => {
    const error = await graphqlErrorAfter(html(403));

    expect(error).toBeInstanceOf(TemporaryError);
    expect(error.message).toContain("let this service's requests to /api/graphql pass.");
  });

  it('is not closed when it refuses by itself', async () => {
    const error = await graphqlErrorAfter(
      json(403, { errors: [{ message: 'API not accessible for user' }] }),
    );

    expect(error.message).toContain('API not accessible for user. Sign in to it');
  });
});

describe('a refusal', () => {
  it.each([
    '403 Forbidden - You (@ann) must accept the Terms of Service in order to perform this action.',
    '403 Forbidden - Your account has been blocked.',
    '403 Forbidden - Your password expired. Please access GitLab from a web browser to update your password.',
  ])('because of the user passes on what GitLab says: %s', async message => {
    const error = await errorAfter(json(403, { message }));

    expect(error).not.toBeInstanceOf(TemporaryError);
    expect(error.message).toBe(
      `The destination GitLab refused to make the thing: ${message.slice(0, -1)}. Sign in to it as the destination token's user, settle that, and import again.`,
    );
  });

  it('of a token is only believed when it is JSON', async () => {
    const plain = await errorAfter({
      status: 401,
      headers: { 'content-type': 'text/plain' },
      body: 'denied',
    });

    expect(await errorAfter(json(401, { message: '401 Unauthorized' }))).toBeInstanceOf(TokenRejectedError);
    expect(await errorAfter(html(401))).toBeInstanceOf(TemporaryError);
    expect(plain).toBeInstanceOf(NetworkError);
    expect(plain).not.toBeInstanceOf(TokenRejectedError);
    expect(plain.message).toContain('GitLab itself did not say so');
  });

  it('by a redirect to the sign-in page says so, and the page behind it is not read', async () => {
    const location = '/users/sign_in';
    const server = await startHttpServer({
      ...html(302),
      headers: { location, 'content-type': 'text/html' },
    });

    const error = await errorOf(clientFor(server.url).client.rest(callOf()));

    expect(error).not.toBeInstanceOf(TemporaryError);
    expect((error as Error).message).toContain('It redirects to its sign-in page, which no token passes.');
    expect(server.requests).toHaveLength(1);
  });

  it('shows no path and no token of what GitLab says', async () => {
    const message = `Could not write /var/opt/gitlab with ${TOKEN}`;
    const error = await errorAfter(json(400, { message }));

    expect(error.message).toContain(': 400 Could not write [FILTERED] with [FILTERED]. Correct it');
  });
});

describe('messages', () => {
  const long = 'x'.repeat(5000);
  const replies: [string, Behaviour][] = [
    ...[400, 401, 403, 404, 422, 429, 500].map((status): [string, Behaviour] => [
      `a ${status}`,
      json(status, { message: long }),
    ]),
    ['a redirect', { status: 302, headers: { location: '/users/sign_in' }, body: long }],
    ['a page', html(403, `<title>${long}</title>`)],
    ['http at an https port', html(400, `The plain HTTP request was sent to HTTPS port ${long}`)],
    ['another shape', json(200, Object.fromEntries([[long, 1]]))],
    ['GraphQL errors', json(200, { errors: [{ message: long }] })],
    ['a GraphQL time-out', json(200, { errors: [{ message: `Timeout on ${long}` }] })],
    ['no GraphQL', { status: 404, body: long }],
    ['a lost connection', response => response.socket?.destroy()],
  ];

  it.each(replies)('of %s are not longer than 255 characters, and end in what to do', async (_, reply) => {
    const server = await startHttpServer(reply);
    const { client } = clientFor(server.url, { instance: 'destination' });
    const operation = 'tell whether it may be exported';
    const schema = z.object({ id: z.int() });

    const errors = [
      await errorOf(client.write(writeOf({ operation, schema }))),
      await errorOf(mutate(client, { ...mutationOf(operation), schema })),
    ];

    for (const { message } of errors as Error[]) {
      expect(message.length).toBeLessThanOrEqual(255);
      expect(message).toMatch(/[a-z]\.$/);
    }
  });

  it('make room for another sentence', async () => {
    const error = await errorAfter(json(403, { message: long }));

    const message = error.messageWith('9999 of 10000 records were not read.');

    expect(message).toHaveLength(255);
    expect(message).toMatch(
      /x…\. Check the role .* in this group or project\. 9999 of 10000 records were not read\.$/,
    );
  });
});
