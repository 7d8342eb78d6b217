import { describe, expect, it } from 'vitest';
import { nestParameters } from '../../lambdas/api/request/nested-parameters.ts';

function nest(query: string): unknown {
  // Through JSON, because the objects have no prototype.
  return JSON.parse(JSON.stringify(nestParameters(new URLSearchParams(query))));
}

describe('nestParameters', () => {
  it.each<[string, string, unknown]>([
    ['plain names', 'a=1&b=2', { a: '1', b: '2' }],
    ['a repeated name, of which the last counts', 'a=1&a=2', { a: '2' }],
    ['objects', 'a[b]=1&a[c][d]=2', { a: { b: '1', c: { d: '2' } } }],
    ['lists', 'a[]=1&a[]=2', { a: ['1', '2'] }],
    [
      'lists of objects, of which a repeated name begins the next',
      'a[][b]=1&a[][c]=2&a[][b]=3',
      { a: [{ b: '1', c: '2' }, { b: '3' }] },
    ],
    [
      'lists of objects with objects in them',
      'a[][b][c]=1&a[][b][d]=2&a[][b][c]=3',
      { a: [{ b: { c: '1', d: '2' } }, { b: { c: '3' } }] },
    ],
    [
      'lists of objects with lists in them',
      'a[][b][]=1&a[][b][]=2&a[][c]=3',
      { a: [{ b: ['1', '2'], c: '3' }] },
    ],
    ['indexed lists', 'a[0][b]=1&a[0][c]=2&a[1][b]=3', { a: [{ b: '1', c: '2' }, { b: '3' }] }],
    ['indexed lists in any order', 'a[1][b]=2&a[0][b]=1', { a: [{ b: '1' }, { b: '2' }] }],
    ['an index that does not begin at zero, which is a name', 'a[1][b]=2', { a: { 1: { b: '2' } } }],
    ['a value that is replaced by an object', 'a=1&a[b]=2', { a: { b: '2' } }],
    ['no value', 'a&b[c]', { a: '', b: { c: '' } }],
    ['encoded brackets', 'a%5Bb%5D=1', { a: { b: '1' } }],
    ['names without a beginning, which are left out', '[a]=1&[]=2&]=3&=4', {}],
  ])('reads %s', (_, query, nested) => {
    expect(nest(query)).toEqual(nested);
  });

  it('leaves out names that nest more than 32 deep', () => {
    expect(nest(`a${'[b]'.repeat(32)}=1&c=2`)).toEqual({ c: '2' });
  });

  it('takes the names of what every object has for names', () => {
    const nested = nestParameters([
      ['__proto__[polluted]', '1'],
      ['constructor[prototype][polluted]', '2'],
      ['a[__proto__][polluted]', '3'],
    ]);

    expect(Object.keys(nested)).toEqual(['__proto__', 'constructor', 'a']);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });
});
