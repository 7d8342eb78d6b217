import { describe, expect, it } from 'vitest';
import { forgetKept, keptPerImport } from '../../lambdas/engine/kept-per-import.ts';

const of = (id: number, attempt = 1) => ({ id, attempt, createdAt: '2026-01-02T03:04:05.678Z' });

describe('what a process keeps of imports', () => {
  it('is one thing for all runs of an attempt, and another for the next', () => {
    const namesOf = keptPerImport((): string[] => [], 10);

    namesOf(of(1)).push('ann');

    expect(namesOf(of(1))).toEqual(['ann']);
    expect(namesOf(of(1, 2))).toEqual([]);
    expect(namesOf(of(2))).toEqual([]);
    expect(namesOf({ ...of(1), createdAt: '2026-02-03T04:05:06.789Z' })).toEqual([]);
  });

  it('is given up for the import that was used longest ago', () => {
    const namesOf = keptPerImport((): string[] => [], 2);
    for (const id of [1, 2]) namesOf(of(id)).push(`of ${id}`);
    namesOf(of(1));

    namesOf(of(3));

    expect(namesOf(of(1))).toEqual(['of 1']);
    expect(namesOf(of(2))).toEqual([]);
  });

  it('is forgotten with all that is kept', () => {
    const kept = [keptPerImport((): string[] => [], 2), keptPerImport((): string[] => [], 2)];
    for (const namesOf of kept) namesOf(of(1)).push('ann');

    forgetKept();

    for (const namesOf of kept) expect(namesOf(of(1))).toEqual([]);
  });
});
