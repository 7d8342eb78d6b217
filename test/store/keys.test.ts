import { describe, expect, it } from 'vitest';
import { indexKeys, keys, padId } from '../../lambdas/store/keys.ts';

const OWNER = { destinationUrl: 'https://gitlab.example', userId: 3 };

describe('keys', () => {
  it.each([
    ['an import', keys.import(42), { pk: 'IMPORT#42', sk: 'IMPORT' }],
    ['an entity', keys.entity(42, 7), { pk: 'IMPORT#42', sk: 'ENTITY#0000000000000007' }],
    [
      'a failure',
      keys.failure(42, 7, '1#labels#abc'),
      { pk: 'IMPORT#42', sk: 'FAILURE#0000000000000007#1#labels#abc' },
    ],
    ['a person', keys.person(42, '0a1b'), { pk: 'IMPORT#42', sk: 'PERSON#0a1b' }],
    ['the tokens', keys.secret(42), { pk: 'IMPORT#42', sk: 'SECRET' }],
    ['a counter', keys.counter('ENTITY'), { pk: 'COUNTER', sk: 'ENTITY' }],
    [
      'a rate window',
      keys.rateWindow(OWNER, 29_000_000),
      { pk: 'DESTINATION#bf08810bbf931f1a#USER#3#RATE', sk: '29000000' },
    ],
    [
      'a request',
      keys.requestClaim(OWNER, 'abc'),
      { pk: 'DESTINATION#bf08810bbf931f1a#USER#3#REQUESTS', sk: 'abc' },
    ],
  ])('of %s are as the tables on disk have them', (_, key, expected) => {
    expect(key).toEqual(expected);
  });

  it('sort ids by their number, up to the largest', () => {
    const ids = [1, 9, 10, 99, 100, 4_000_000_000, Number.MAX_SAFE_INTEGER];

    expect(ids.map(padId).sort()).toEqual(ids.map(padId));
    expect(new Set(ids.map(id => padId(id).length))).toEqual(new Set([16]));
  });

  it('of the indexes put each status into a partition of its own', () => {
    expect(indexKeys(OWNER, 'IMPORTS', 42, 'started')).toEqual({
      listPk: 'DESTINATION#bf08810bbf931f1a#USER#3#IMPORTS',
      listSk: '0000000000000042',
      statusPk: 'DESTINATION#bf08810bbf931f1a#USER#3#IMPORTS#started',
      statusSk: '0000000000000042',
    });
  });

  it('tell a user of one destination from the user of another who has the same id', () => {
    const other = { ...OWNER, destinationUrl: 'https://other.example' };

    expect(indexKeys(other, 'IMPORTS', 42, 'started').listPk).not.toBe(
      indexKeys(OWNER, 'IMPORTS', 42, 'started').listPk,
    );
    expect(keys.requestClaim(other, 'abc').pk).not.toBe(keys.requestClaim(OWNER, 'abc').pk);
    expect(keys.rateWindow(other, 1).pk).not.toBe(keys.rateWindow(OWNER, 1).pk);
  });
});
