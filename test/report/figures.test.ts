import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accuracyOf,
  expectedOf,
  type Figures,
  isComplete,
  NO_FIGURES,
  sumFigures,
} from '../../lambdas/report/figures.ts';

const verified = (matched: number, different: number, missing: number, others = {}) => ({
  verified: { matched, different, missing, newAtSource: 0, unverified: 0, ...others },
});

describe('the accuracy', () => {
  it.each([
    [704, 1, 2, 0.9957],
    [559, 1, 1, 0.9964],
    [2, 1, 0, 0.6666],
    [9_999_999, 0, 1, 0.9999],
    [7, 0, 0, 1],
    [0, 0, 3, 0],
  ])('of %i matched, %i different and %i missing is %d', (matched, different, missing, accuracy) => {
    expect(accuracyOf(verified(matched, different, missing))).toBe(accuracy);
  });

  it('is null while nothing was verified, whatever the counts of the import say', () => {
    const figures = { ...NO_FIGURES, source: 10, imported: 10 };

    expect(accuracyOf(figures)).toBeNull();
    expect(isComplete([figures])).toBeNull();
  });

  it('is null where nothing was to be expected, and so is no reason to say that all is there', () => {
    expect(accuracyOf(verified(0, 0, 0, { newAtSource: 5 }))).toBeNull();
  });

  it('is not changed by what is new at the source', () => {
    expect(accuracyOf(verified(9, 1, 0, { newAtSource: 1_000 }))).toBe(accuracyOf(verified(9, 1, 0)));
  });

  it('is 1 only if nothing differs and nothing is missing, and never more than is true', () => {
    const figure = fc.oneof(fc.nat(3), fc.nat(10_000_000_000));
    fc.assert(
      fc.property(figure, figure, figure, (matched, different, missing) => {
        const figures = verified(matched, different, missing);
        const expected = expectedOf(figures.verified);
        fc.pre(expected > 0);
        const accuracy = accuracyOf(figures) ?? Number.NaN;

        expect(accuracy === 1).toBe(different + missing === 0);
        expect(isComplete([{ ...NO_FIGURES, ...figures }])).toBe(accuracy === 1);
        // In whole numbers: what is rounded down is less than a ten-thousandth from the truth.
        const rounded = BigInt(Math.round(accuracy * 10_000)) * BigInt(expected);
        const exact = 10_000n * BigInt(matched);
        expect(rounded <= exact && exact < rounded + BigInt(expected)).toBe(true);
      }),
    );
  });

  it('of several relations is weighted by their records', () => {
    const sum = sumFigures([
      { ...NO_FIGURES, ...verified(999, 0, 0) },
      { ...NO_FIGURES, ...verified(0, 0, 1) },
    ]);

    expect(accuracyOf(sum)).toBe(0.999);
  });
});

describe('an import that was verified', () => {
  const whole = { ...NO_FIGURES, source: 3, ...verified(3, 0, 0) };

  it.each<[boolean, string, Figures[]]>([
    [true, 'where all is there', [whole]],
    [false, 'where a record could not be compared', [{ ...whole, ...verified(3, 0, 0, { unverified: 1 }) }]],
    [false, 'where a relation was not read again', [whole, { ...NO_FIGURES, source: 1, imported: 1 }]],
    [true, 'where such a relation has no records', [whole, NO_FIGURES]],
  ])('is complete (%s) %s', (complete, _, relations) => {
    expect(isComplete(relations)).toBe(complete);
  });
});

it('adding up figures changes none of those that are added', () => {
  const first = { ...NO_FIGURES, source: 1, ...verified(1, 1, 1, { newAtSource: 1, unverified: 1 }) };

  const sum = sumFigures([first, first, { ...NO_FIGURES, source: 5 }]);

  expect(sum).toEqual({ ...NO_FIGURES, source: 7, ...verified(2, 2, 2, { newAtSource: 2, unverified: 2 }) });
  expect(first).toEqual({
    ...NO_FIGURES,
    source: 1,
    ...verified(1, 1, 1, { newAtSource: 1, unverified: 1 }),
  });
});
