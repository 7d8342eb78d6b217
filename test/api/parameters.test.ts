import { describe, expect, it } from 'vitest';
import { HttpError } from '../../lambdas/api/answers/http-errors.ts';
import {
  checkShape,
  flag,
  integer,
  matching,
  oneOf,
  optional,
  parseParameters,
  type Shape,
  text,
} from '../../lambdas/api/request/parameters.ts';

/** The value that a schema makes of an input, or its problem. */
function read(schema: Shape[string], input: unknown): unknown {
  const { values, problems } = checkShape({ it: schema }, { it: input }, name => name);
  return problems.get('it')?.join(', ') ?? values.it;
}

describe('text', () => {
  it.each([
    ['a', 'a'],
    ['', ''],
    [7, '7'],
    [true, 'true'],
    [null, 'it is missing'],
    [undefined, 'it is missing'],
    [{}, 'it is invalid'],
    [['a'], 'it is invalid'],
  ])('makes of %j %j', (input, result) => {
    expect(read(text(), input)).toBe(result);
  });

  it('has the message of each further check', () => {
    const even = text(matching(value => value.length % 2 === 0, 'is odd'));

    expect([read(even, 'aa'), read(even, 'a'), read(even, null)]).toEqual([
      'aa',
      'it is odd',
      'it is missing',
    ]);
  });
});

describe('oneOf', () => {
  it.each([
    ['a', 'a'],
    ['c', 'it does not have a valid value'],
    ['', 'it does not have a valid value'],
    ['A', 'it does not have a valid value'],
    [null, 'it is missing'],
  ])('makes of %j %j', (input, result) => {
    expect(read(oneOf(['a', 'b']), input)).toBe(result);
  });
});

describe('flag', () => {
  it.each([true, 1, '1', 't', 'true', 'TRUE', 'on', 'yes'])('takes %j for true', input => {
    expect(read(flag(false), input)).toBe(true);
  });

  it.each([false, 0, '0', 'f', 'false', 'False', 'off', 'no'])('takes %j for false', input => {
    expect(read(flag(true), input)).toBe(false);
  });

  it.each([undefined, null, ''])('takes %j for the default', input => {
    expect([read(flag(true), input), read(flag(false), input)]).toEqual([true, false]);
  });

  it.each(['maybe', 2, {}, []])('refuses %j', input => {
    expect(read(flag(true), input)).toBe('it is invalid');
  });
});

describe('integer', () => {
  it.each([
    ['7', 7],
    [7, 7],
    ['-7', -7],
    ['007', 7],
    ['99999999999999999999', 1e20],
    [undefined, 1],
    ['', 1],
    ['7.5', 'it is invalid'],
    ['1e3', 'it is invalid'],
    ['0x10', 'it is invalid'],
    ['seven', 'it is invalid'],
    [true, 'it is invalid'],
    [['7'], 'it is invalid'],
  ])('makes of %j %j', (input, result) => {
    expect(read(integer(1), input)).toBe(result);
  });

  it('without a default is required', () => {
    expect(read(integer(undefined), undefined)).toBe('it is missing');
  });
});

describe('optional', () => {
  it.each([undefined, null])('takes %j for absent', input => {
    expect(read(optional(text()), input)).toBeUndefined();
  });

  it('checks what is there', () => {
    expect(read(optional(oneOf(['a'])), 'b')).toBe('it does not have a valid value');
  });
});

describe('parseParameters', () => {
  const shape = { first: text(), second: integer(2), third: oneOf(['a']) };

  it('returns the values', () => {
    expect(parseParameters(shape, { first: 'x', third: 'a', unknown: 1 })).toEqual({
      first: 'x',
      second: 2,
      third: 'a',
    });
  });

  it('throws one 400 with all problems, in the order in which the parameters are declared', () => {
    const act = () => parseParameters(shape, { third: 'b', second: 'x' });

    expect(act).toThrow(HttpError);
    expect(act).toThrow(
      expect.objectContaining({
        status: 400,
        body: { error: 'first is missing, second is invalid, third does not have a valid value' },
      }),
    );
  });

  it('does not take what every object has for a parameter', () => {
    const act = () => parseParameters({ constructor: text() }, {});

    expect(act).toThrow(expect.objectContaining({ body: { error: 'constructor is missing' } }));
  });
});
