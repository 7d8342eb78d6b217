import { describe, expect, it } from 'vitest';
import { count, duration, foreign, html, printable, time } from '../../lambdas/report/markup.ts';

describe('html', () => {
  it('escapes what could begin a tag, an entity or end an attribute', () => {
    expect(html`<p title="${`"'\`<>&`}">${'<b>'}</p>`.toString()).toBe(
      '<p title="&quot;&#39;&#96;&lt;&gt;&amp;">&lt;b&gt;</p>',
    );
  });

  it('takes markup as it is, also in lists, and escapes once', () => {
    const items = ['a&b', 'c'].map(name => html`<li>${name}</li>`);

    expect(html`<ul>${items}</ul>${1}`.toString()).toBe('<ul><li>a&amp;b</li><li>c</li></ul>1');
  });
});

describe('a text from outside', () => {
  it.each([
    ['a line break', 'one\r\n\ttwo', 'one two'],
    ['a control character', 'a\u0000b', 'a[U+0000]b'],
    ['a reversal of the direction', 'a\u202egnp', 'a[U+202E]gnp'],
    ['an isolate', 'a\u2066b\u2069', 'a[U+2066]b[U+2069]'],
    ['an invisible space', 'a\u200bb', 'a[U+200B]b'],
    ['half of a pair', 'a\ud800b', 'a\ufffdb'],
    ['a tower of marks', `e${'\u0301'.repeat(50)}x`, `e${'\u0301'.repeat(4)}x`],
  ])('shows %s', (_, text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it.each(['日本語', 'עברית', '👩‍👩‍👧‍👦 🏳️‍🌈', 'é ñ ไทย'])('leaves %s as it is', text => {
    expect(printable(text)).toBe(text);
  });

  it('is cut between characters, never inside of one', () => {
    expect(printable('👍👍👍', 2)).toBe('👍👍…');
    expect(printable('abc', 3)).toBe('abc');
  });

  it('is isolated from the direction of what is around it', () => {
    expect(foreign('<i>').toString()).toBe('<bdi>&lt;i&gt;</bdi>');
  });
});

describe('numbers and times', () => {
  it.each([
    [-5, '0 s'],
    [999, '0 s'],
    [59_000, '59 s'],
    [60_000, '1 min'],
    [250_000, '4 min 10 s'],
    [3_600_000, '1 h'],
    [86_400_000 + 2 * 3_600_000, '1 d 2 h'],
  ])('says %i ms as %s', (milliseconds, words) => {
    expect(duration(milliseconds)).toBe(words);
  });

  it('counts one and many', () => {
    expect(count(1, 'group')).toBe('1 group');
    expect(count(12_345, 'group')).toBe('12,345 groups');
  });

  it('shows a time for people and for machines', () => {
    expect(time('2026-01-02T03:04:05.678Z').toString()).toBe(
      '<time datetime="2026-01-02T03:04:05.678Z">2026-01-02 03:04:05 UTC</time>',
    );
  });
});
