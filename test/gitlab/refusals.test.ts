import { expect, it } from 'vitest';
import { NetworkError, TemporaryError, TokenRejectedError } from '../../lambdas/gitlab/errors.ts';
import { maximumIn, refusedAttributes } from '../../lambdas/gitlab/refusals.ts';
import { clientFor, errorOf, writeOf } from '../support/gitlab/gitlab-client.ts';
import { startHttpServer } from '../support/network/http-server.ts';

/** What the refusals of a response are, as the client has read it. */
async function refusals(body: unknown, status = 400) {
  const server = await startHttpServer({ status, body: JSON.stringify(body) });
  const error = await errorOf(clientFor(server.url, { instance: 'destination' }).client.write(writeOf()));
  return Object.fromEntries(refusedAttributes(error));
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

const request = { instance: 'destination', method: 'POST', status: 400 } as const;
const refusal = (reason: string) => new NetworkError('refused', { ...request, reason });

it.each([
  [
    'Failed to save group {:path=>["has already been taken"], :name=>["has already been taken"]}',
    { path: 'has already been taken', name: 'has already been taken' },
  ],
  ['Failed to save group {name: ["is bad", "is short"]}', { name: 'is bad, is short' }],
  ['Failed to save group {:"group.description"=>["is too long"]}', { description: 'is too long' }],
  ['description is too long, path is taken', { description: 'is too long', path: 'is taken' }],
  ['namespace_settings.description is odd', { description: 'is odd' }],
  [
    'visibility_level public has been restricted by your GitLab administrator',
    { visibility: 'public has been restricted by your GitLab administrator' },
  ],
  ['emails_enabled is invalid, name is missing', { emails_disabled: 'is invalid', name: 'is missing' }],
  ['parent is a subgroup', { parent_id: 'is a subgroup' }],
  ['Failed to save group {:description=>["is too lo', { description: 'is too lo' }],
  ['Failed to save group. The path of the name is odd.', {}],
])("names the refused attributes as GitLab's API does: %s", (reason, expected) => {
  expect(Object.fromEntries(refusedAttributes(refusal(reason)))).toEqual(expected);
});

it('takes no other error for a refusal', () => {
  const reason = 'description is too long';

  expect(refusedAttributes(new TokenRejectedError('no', { ...request, reason })).size).toBe(0);
  expect(refusedAttributes(new TemporaryError('no', { ...request, reason, waitsFor: 'outage' })).size).toBe(
    0,
  );
  expect(refusedAttributes(new Error(reason)).size).toBe(0);
});

it.each([
  ['is too long (maximum is 255 characters)', 255],
  ['is too big (maximum is 5 MB)', undefined],
  ['is odd', undefined],
])('reads how much GitLab takes: %s', (words, maximum) => {
  expect(maximumIn(words)).toBe(maximum);
});
