import { describe, expect, it } from 'vitest';
import { indexKeys, keys, padId } from '../../lambdas/store/keys.ts';

describe('keys', () => {
  it.each([
    ['an import', keys.import(42), { pk: 'IMPORT#42', sk: 'IMPORT' }],
    ['an entity', keys.entity(42, 7), { pk: 'IMPORT#42', sk: 'ENTITY#0000000000000007' }],
    [
      'a failure',
      keys.failure(42, 7, '1#labels#abc'),
      { pk: 'IMPORT#42', sk: 'FAILURE#0000000000000007#1#labels#abc' },
    ],
    [
      'a tracker',
      keys.tracker(42, 7, 1, 'labels'),
      { pk: 'IMPORT#42', sk: 'PIPELINE#0000000000000007#1#labels' },
    ],
    ['a child', keys.child(42, 7, 9), { pk: 'IMPORT#42', sk: 'CHILD#0000000000000007#0000000000000009' }],
    ['a person', keys.person(42, '0a1b'), { pk: 'IMPORT#42', sk: 'PERSON#0a1b' }],
    ['the tokens', keys.secret(42), { pk: 'IMPORT#42', sk: 'SECRET' }],
    ['a counter', keys.counter('ENTITY'), { pk: 'COUNTER', sk: 'ENTITY' }],
    ['a rate window', keys.rateWindow(3, 29_000_000), { pk: 'RATE#3', sk: '29000000' }],
  ])('of %s are as the tables on disk have them', (_, key, expected) => {
    expect(key).toEqual(expected);
  });

  it('sort ids by their number, up to the largest', () => {
    const ids = [1, 9, 10, 99, 100, 4_000_000_000, Number.MAX_SAFE_INTEGER];

    expect(ids.map(padId).sort()).toEqual(ids.map(padId));
    expect(new Set(ids.map(id => padId(id).length))).toEqual(new Set([16]));
  });

  it('of the indexes put each status into a partition of its own', () => {
    expect(indexKeys(3, 'IMPORTS', 42, 'started')).toEqual({
      listPk: 'USER#3#IMPORTS',
      listSk: '0000000000000042',
      statusPk: 'USER#3#IMPORTS#started',
      statusSk: '0000000000000042',
    });
  });
});
