import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import type { MutationDocument } from '../../lambdas/gitlab/client.ts';
import { NetworkError, TemporaryError, TokenRejectedError } from '../../lambdas/gitlab/errors.ts';
import { documentOf } from '../../lambdas/gitlab/mutations.ts';
import { clientFor, errorOf, TOKEN } from '../support/gitlab/gitlab-client.ts';
import { type Behaviour, startHttpServer } from '../support/network/http-server.ts';

const labelsOf = (...titles: string[]): MutationDocument<{ label: { id: string } }> => ({
  operation: 'create the labels',
  mutation: 'labelCreate',
  inputType: 'LabelCreateInput',
  selection: 'label { id }',
  schema: z.object({ label: z.object({ id: z.string() }) }),
  items: titles.map(title => ({ input: { title }, change: { kind: 'create', target: 'Label', title } })),
});

const made = (id: string) => ({ label: { id }, errors: [] });
const json = (value: unknown, status = 200) => ({ status, body: JSON.stringify(value) });
const DENIED = "The resource that you are attempting to access does not exist or you don't have permission";

/** What becomes of three labels when the document gets this response. */
async function outcomesAfter(reply: Behaviour) {
  const server = await startHttpServer(reply);
  const { client } = clientFor(server.url, { instance: 'destination' });
  return { server, outcomes: await client.write(labelsOf('a', 'b', 'c')) };
}

async function errorAfter(reply: Behaviour) {
  const server = await startHttpServer(reply);
  const { client } = clientFor(server.url, { instance: 'destination' });
  return { server, error: await errorOf(client.write(labelsOf('a', 'b', 'c'))) };
}

it('goes out as one document, in which each mutation has an alias and a variable of its own', () => {
  expect(documentOf(labelsOf('a', 'b'))).toEqual({
    query: `mutation($i0: LabelCreateInput!, $i1: LabelCreateInput!) {
m0: labelCreate(input: $i0) { label { id } errors }
m1: labelCreate(input: $i1) { label { id } errors }
}`,
    variables: { i0: { title: 'a' }, i1: { title: 'b' } },
  });
});

it('is not made longer than GitLab reads', () => {
  const titles = Array.from({ length: 200 }, (_, index) => String(index));

  expect(() => documentOf(labelsOf(...titles))).toThrow('A document of 200 labelCreate is too long');
});

describe('of several mutations, each', () => {
  it('has its own payload, in the order in which they were sent', async () => {
    const { outcomes } = await outcomesAfter(json({ data: { m2: made('3'), m0: made('1'), m1: made('2') } }));

    expect(outcomes).toEqual(['1', '2', '3'].map(id => ({ kind: 'done', payload: { label: { id } } })));
  });

  it('may be refused by the model, and only this one is', async () => {
    const errors = ['Title has already been taken', `Color is bad ${TOKEN} in /etc/gitlab`];
    const { outcomes } = await outcomesAfter(
      json({ data: { m0: made('1'), m1: { label: null, errors }, m2: made('3') } }),
    );

    expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'refused', 'done']);
    expect(outcomes[1]).toMatchObject({
      messages: ['Title has already been taken', 'Color is bad [FILTERED] in [FILTERED]'],
      error: expect.objectContaining({
        message:
          'The destination GitLab refused to create the labels: Title has already been taken, Color is bad [FILTERED] in [FILTERED]. Correct it at the source and import it again, or add it by hand.',
      }),
    });
  });

  it('may lack a right, and only this one does', async () => {
    const { outcomes } = await outcomesAfter(
      json({
        data: { m0: made('1'), m1: null, m2: made('3') },
        errors: [{ message: DENIED, path: ['m1'], locations: [{ line: 3, column: 1 }] }],
      }),
    );

    expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'refused', 'done']);
    expect(outcomes[1]).toMatchObject({ messages: [], error: { reason: DENIED } });
  });

  it.each([
    ['says that it took too long', null, [{ message: 'Timeout on Mutation.labelCreate', path: ['m1'] }]],
    ['says that it met an error of its own', null, [{ message: 'Internal server error', path: ['m1'] }]],
    ['says nothing', null, undefined],
    ['says something else', { label: {}, errors: [] }, undefined],
    ['does not say whether it was made', { label: { id: '2' } }, undefined],
  ])('may have been done or not where the GitLab %s', async (_, m1, errors) => {
    const { outcomes } = await outcomesAfter(json({ data: { m0: made('1'), m1, m2: made('3') }, errors }));

    expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'unknown', 'done']);
    expect(outcomes[1]).toMatchObject({ error: expect.any(NetworkError) });
  });

  it('counts as done when it was, and something of what it shows could not be read', async () => {
    const errors = [{ message: 'Timeout on Label.color', path: ['m1', 'label', 'color'] }];
    const { outcomes } = await outcomesAfter(
      json({ data: { m0: made('1'), m1: made('2'), m2: made('3') }, errors }),
    );

    expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'done', 'done']);
  });
});

describe('a document that the GitLab does not run', () => {
  it.each([
    ['a bad variable', json({ errors: [{ message: 'Variable $i1 was provided invalid value for title' }] })],
    [
      'its cost',
      json({ errors: [{ message: 'Query has complexity of 280, which exceeds max complexity of 250' }] }),
    ],
    [
      'an unknown field',
      json({ data: null, errors: [{ message: "Field 'a' doesn't exist on type 'Label'" }] }),
    ],
    ['a gateway before it', json({ error: '404 Not Found' }, 404)],
    ['its length', json({ message: 'too large' }, 413)],
  ])('because of %s leaves all of them to be written one by one', async (_, reply) => {
    const { outcomes, server } = await outcomesAfter(reply);

    expect(outcomes.map(({ kind }) => kind)).toEqual(Array(3).fill('document_refused'));
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['in an outage', json({ message: 'no' }, 502)],
    ['over its limit', json({ message: 'no' }, 429)],
    ['without a connection', response => response.socket?.destroy()],
    ['with a page in its place', { headers: { 'content-type': 'text/html' }, body: '<html>wait</html>' }],
    ['whose validation took too long', json({ errors: [{ message: 'Timeout on validation of query' }] })],
  ] as [string, Behaviour][])('%s is waited for, and not sent again', async (_, reply) => {
    const { error, server } = await errorAfter(reply);

    expect(error).toBeInstanceOf(TemporaryError);
    expect(server.requests).toHaveLength(1);
  });

  it('because of its token ends all', async () => {
    const { error } = await errorAfter(json({ errors: [{ message: 'Invalid token' }] }, 401));

    expect(error).toBeInstanceOf(TokenRejectedError);
  });
});

it.each([
  ['has another shape', json({ data: [made('1')] })],
  ['has errors of another shape', json({ data: 'made', errors: ['oh'] })],
  ['is no response of GraphQL', json([made('1')])],
])('may have been run or not when its response %s', async (_, reply) => {
  const { outcomes } = await outcomesAfter(reply);

  expect(outcomes.map(({ kind }) => kind)).toEqual(Array(3).fill('unknown'));
});
