import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asText, CsvError, csvText, DELIMITERS, fromText, recordsOf } from '../../lambdas/domain/csv.ts';

const cell = fc.string({ unit: fc.constantFrom(...'a"\',;\t\r\n =+-@é'), maxLength: 8 });

it('whatever is written is read again, whichever separator its reader tries', () => {
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 5 }), records => {
      const read = [...recordsOf(csvText(records), ',')].map(({ cells }) => cells);

      expect(read).toEqual(records.filter(cells => cells.some(value => value !== '')));
    }),
  );
});

it('is read with every end of lines, with a mark before it and without an end after it', () => {
  for (const end of ['\n', '\r\n', '\r']) {
    for (const delimiter of DELIMITERS) {
      const text = `\uFEFF${['a', 'b'].join(delimiter)}${end}${end}"c${end}""d"""${delimiter}e "f" g`;

      expect([...recordsOf(text, delimiter)]).toEqual([
        { line: 1, cells: ['a', 'b'] },
        { line: 3, cells: [`c${end}"d"`, 'e "f" g'] },
      ]);
    }
  }
});

it.each([
  ['a quotation without an end', 'a,b\n"c,d\n', 2],
  ['something after a quotation', 'a\nb\n"c"d\n', 3],
])('says in which line it met %s', (_, text, line) => {
  expect(() => [...recordsOf(text, ',')]).toThrow(expect.objectContaining({ line }));
  expect(() => [...recordsOf(text, ',')]).toThrow(CsvError);
});

it('takes no longer for a million quotes than for a million letters', () => {
  const began = performance.now();
  expect([...recordsOf(`"${'""'.repeat(500_000)}"`, ',')]).toHaveLength(1);
  expect(() => [...recordsOf('"'.repeat(1_000_001), ',')]).toThrow(CsvError);
  expect(performance.now() - began).toBeLessThan(2_000);
});

describe('a cell that looks like a formula', () => {
  it('gets an apostrophe and loses it again, and no other cell does', () => {
    fc.assert(fc.property(cell, value => fromText(asText(value)) === value));
    for (const value of ['=1', '+1', '-1', '@a', ';', "'=1", '\t', '＝1'])
      expect(asText(value)).toBe(`'${value}`);
    for (const value of ['a=1', "O'Neil", "'quoted'", '']) expect(asText(value)).toBe(value);
  });
});
