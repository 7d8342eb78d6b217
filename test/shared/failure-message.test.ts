import { describe, expect, it } from 'vitest';
import { messageText, withoutPaths } from '../../lambdas/shared/failure-message.ts';

describe('a message that quotes', () => {
  it('is quoted as a whole while there is room', () => {
    const message = messageText({ before: 'b'.repeat(100), quoted: 'q'.repeat(55), after: 'a'.repeat(100) });

    expect(message).toBe(`${'b'.repeat(100)}${'q'.repeat(55)}${'a'.repeat(100)}`);
  });

  it('gives up of what is quoted, and nothing of its own', () => {
    const message = messageText({ before: 'b'.repeat(100), quoted: 'q'.repeat(56), after: 'a'.repeat(100) });

    expect(message).toBe(`${'b'.repeat(100)}${'q'.repeat(54)}…${'a'.repeat(100)}`);
  });

  it('quotes nothing when it is long enough without', () => {
    expect(messageText({ before: 'b'.repeat(200), quoted: 'q', after: 'a'.repeat(60) })).toBe(
      `${'b'.repeat(200)}${'a'.repeat(60)}`,
    );
  });

  it('does not cut a character in two', () => {
    const message = messageText({ before: 'b'.repeat(250), quoted: 'xyz😀😀', after: '' });

    expect(message).toBe(`${'b'.repeat(250)}xyz…`);
  });
});

it.each([
  ['a path', 'could not read /var/opt/gitlab here', 'could not read [FILTERED] here'],
  ['a URL', "refused by 'https://old.example/acme'.", 'refused by [FILTERED]'],
  ['several of them', 'a/b and c/d\tor\ne/', '[FILTERED] and [FILTERED]\tor\n[FILTERED]'],
  ['no path', 'plain: 403 Forbidden.', 'plain: 403 Forbidden.'],
])('hides in a foreign text: %s', (_, text, shown) => {
  expect(withoutPaths(text)).toBe(shown);
});
