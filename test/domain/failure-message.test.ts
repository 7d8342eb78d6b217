import { describe, expect, it } from 'vitest';
import { fitted, listing, messageText, withoutPaths } from '../../lambdas/domain/failure-message.ts';

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

const ADVICE = 'Correct it at the source and import it again, or add it by hand.';
const messageWith = (theirs: string) =>
  `The destination GitLab refused to create the label: ${theirs}. ${ADVICE}`;

describe('a whole message that has to fit into what is shown', () => {
  it('is left as it is when it does', () => {
    expect(fitted(messageWith('400 no'), '400 no')).toBe(messageWith('400 no'));
  });

  it.each([
    ['long words', 'x'.repeat(500)],
    ['words with a dollar', `$&$1${'y'.repeat(400)}`],
    ['words that are pairs', '💥'.repeat(150)],
  ])('ends with what to do, after %s', (_, theirs) => {
    const shown = fitted(messageWith(theirs), theirs);

    expect(shown.length).toBeLessThanOrEqual(255);
    expect(shown).toMatch(/^The destination GitLab refused to create the label: /);
    expect(shown.endsWith(`…. ${ADVICE}`)).toBe(true);
    expect(shown.isWellFormed()).toBe(true);
  });

  it('gives up the next part when the first is not enough, or is not there', () => {
    const ours = 'o'.repeat(300);

    expect(fitted(`${ours} why. ${ADVICE}`, 'why', ours)).toMatch(/^o+… .*\. Correct/);
    expect(fitted(`${ours} ${ADVICE}`, '', ours)).toMatch(/^o+… Correct/);
  });
});

describe('a list of problems', () => {
  it('ends with the advice within 255 characters, however many there are', () => {
    const problems = Array.from({ length: 20 }, (_, index) => `problem number ${index} of many`);

    const text = listing('Not all of it:', problems, 'Add it by hand.');

    expect(text.length).toBeLessThanOrEqual(255);
    expect(text).toMatch(/^Not all of it: problem number 0 of many; .*; and \d+ more\. Add it by hand\.$/);
  });

  it.each([1, 2])('cuts a problem that is longer than that, of %i', count => {
    const text = listing('Not all of it:', Array(count).fill('x'.repeat(300)), 'Add it by hand.');

    expect(text).toHaveLength(255);
    expect(text).toMatch(/x…(; and 1 more)?\. Add it by hand\.$/);
  });
});
