import { describe, expect, it } from 'vitest';
import { IncompleteRecordError } from '../../lambdas/domain/errors.ts';
import { differences, requireShown } from '../../lambdas/engine/shown.ts';

describe('no difference', () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['are white space around a text', { description: ' Text\n' }, { description: 'Text' }],
    ['are line ends', { description: 'a\r\nb\rc' }, { description: 'a\nb\nc' }],
    ['is the letter case of a colour', { color: '#D9534F' }, { color: '#d9534f' }],
    ['is the short form of a colour', { color: '#aBc' }, { color: '#AABBCC' }],
    ['is the name of a colour', { color: 'Red' }, { color: '#FF0000' }],
    ['is an empty text that is null', { description: '' }, { description: null }],
    ['is null that is an empty text', { description: null }, { description: '' }],
    ['is false that is not shown', { hide_backlog_list: false }, {}],
    ['is the time of a day', { due_date: '2026-01-05' }, { due_date: '2026-01-05T00:00:00.000Z' }],
    ['is a number as a text', { weight: 3 }, { weight: '3' }],
    ['is off that is null', { mentions_disabled: false }, { mentions_disabled: null }],
    ['is what was not asked for', { name: undefined }, { name: 'x', weight: 3 }],
  ])('%s', (_, asked, shown) => {
    expect(differences(asked, shown).size).toBe(0);
  });
});

describe('a difference', () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>, string]>([
    [
      'an attribute that is not shown',
      { expires_at: '2026-01-05' },
      {},
      "expires_at is empty instead of '2026-01-05'",
    ],
    ['another value', { access_level: 30 }, { access_level: 20 }, "access_level is '20' instead of '30'"],
    ['another text', { name: 'Bug' }, { name: 'bug' }, "name is 'bug' instead of 'Bug'"],
    ['another colour', { color: '#abc' }, { color: '#aabbcd' }, "color is '#aabbcd' instead of '#abc'"],
    ['true that is false', { hidden: true }, { hidden: false }, "hidden is 'false' instead of 'true'"],
    [
      'on that is null',
      { emails_disabled: true },
      { emails_disabled: null },
      "emails_disabled is empty instead of 'true'",
    ],
    ['another number', { grace: 7 }, { grace: 48 }, "grace is '48' instead of '7'"],
    ['zero that is nothing', { weight: 0 }, { weight: null }, "weight is empty instead of '0'"],
    [
      'another day',
      { due_date: '2026-01-05' },
      { due_date: '2026-01-06' },
      "due_date is '2026-01-06' instead of '2026-01-05'",
    ],
  ])('is %s', (_, asked, shown, said) => {
    expect([...differences(asked, shown).values()]).toEqual([said]);
  });

  it('that the destination refused is told with its words, whatever is there now', () => {
    const words = 'is too long (maximum is 5 characters)';
    const description = 'x'.repeat(100);
    const said = (isShortened: boolean) =>
      differences({ description }, {}, new Map([['description', { words, isShortened }]])).get('description');

    const begin = `description '${'x'.repeat(40)}…' (100 characters)`;
    expect(said(false)).toBe(`${begin} was refused (${words})`);
    expect(said(true)).toBe(`${begin} was cut (${words})`);
  });

  it('is a failure of the record, with what to do', () => {
    const act = () => requireShown({ name: 'a', color: '#fff' }, { name: 'b', color: '#fff' }, 'label');

    expect(act).toThrow(IncompleteRecordError);
    expect(act).toThrow(
      "The label is at the destination, but not as asked: name is 'b' instead of 'a'. Correct it there by hand.",
    );
  });
});
