import { expect, it } from 'vitest';
import { refusedAttributes } from '../../lambdas/gitlab/refusals.ts';
import type { NetworkError } from '../../lambdas/shared/errors.ts';
import { callOf, clientFor, errorOf } from '../support/gitlab-client.ts';
import { startHttpServer } from '../support/http-server.ts';

/** What the refusals of a response are, as the client has read it. */
async function refusals(body: unknown, status = 400) {
  const server = await startHttpServer({ status, body: JSON.stringify(body) });
  const error = await errorOf(clientFor(server.url).client.rest(callOf({ method: 'POST' })));
  return Object.fromEntries(refusedAttributes(error as NetworkError));
}

it.each([
  [
    'an object of arrays',
    { message: { color: ['must be a valid color code'], title: ["can't be blank", 'is invalid'] } },
    { color: 'must be a valid color code', title: "can't be blank, is invalid" },
  ],
  [
    'a Ruby hash',
    {
      message:
        'Failed to create milestone {:title=>["is \\"taken\\"", "is bad"], :due_date=>["must be later"]}',
    },
    { title: 'is "taken", is bad', due_date: 'must be later' },
  ],
  [
    'a Ruby hash of Ruby 3.4',
    { message: 'Failed to save group {title: ["is taken"], "due_date" => ["must be later"]}' },
    { title: 'is taken', due_date: 'must be later' },
  ],
  [
    'a Ruby hash that is cut off',
    { message: `Failed to create milestone {:description=>["is too long ${'x'.repeat(300)}"]}` },
    { description: expect.stringMatching(/^is too long x+$/) },
  ],
  [
    'a list of parameters',
    { error: 'access_level does not have a valid value, expires_at is invalid' },
    { access_level: 'does not have a valid value', expires_at: 'is invalid' },
  ],
  ['a sentence', { message: 'Label already exists' }, {}],
  ['an error without an attribute', { message: { error: 'Label not found!' } }, {}],
])('finds the refused attributes in %s', async (_, body, expected) => {
  expect(await refusals(body)).toEqual(expected);
});

it('takes no other refusal for one of attributes', async () => {
  expect(await refusals({ message: { base: ['is forbidden'] } }, 403)).toEqual({});
});
