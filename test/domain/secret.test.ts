import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../lambdas/domain/secret.ts';

const VALUE = 'fake-secret-value';
const secret = new Secret(VALUE);

describe('a secret', () => {
  it.each<[string, () => string | undefined]>([
    ['String()', () => String(secret)],
    ['a template', () => `token: ${secret}`],
    ['concatenation', () => ['token:', secret].join(' ')],
    ['JSON', () => JSON.stringify({ token: secret, all: [secret] })],
    ['inspect', () => inspect({ deep: { deeper: { token: secret } } }, { depth: 10, showHidden: true })],
    ['format', () => format('%s %o %j', secret, secret, secret)],
    ['an error', () => new Error(`no access with ${secret}`).message],
    ['the cause of an error', () => inspect(new Error('no access', { cause: secret }))],
    ['its own keys', () => JSON.stringify(Object.getOwnPropertyDescriptors(secret))],
    ['a copy', () => inspect({ ...secret })],
  ])('does not show in %s', (_, show) => {
    const text = show();

    expect(text).toBeDefined();
    expect(text).not.toContain(VALUE);
  });

  it('shows that something was left out', () => {
    expect([String(secret), JSON.stringify(secret), inspect(secret)]).toEqual([
      '[REDACTED]',
      '"[REDACTED]"',
      '[REDACTED]',
    ]);
  });

  it('gives its value to who asks for it', () => {
    expect(secret.expose()).toBe(VALUE);
  });
});
