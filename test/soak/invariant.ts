import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import type { Attributes } from '../support/table/items.ts';
import type { Records } from './records.ts';
import type { Schedule } from './schedule.ts';
import type { Foreign } from './strangers.ts';
import type { Aftermath } from './world.ts';

/** A promise; returns how it was broken. */
export type Invariant = (aftermath: Aftermath, records: Records, schedule: Schedule) => string[];

/** It names no failure: it says once per import who the authors in its projects are. */
export const NOTICE = 'BulkImports::AuthorsNotice';

export const ownGroups = (destination: SampleGitLab, foreign: Foreign[]) =>
  destination.groups().filter(({ id }) => !foreign.some(theirs => theirs.id === id));

export function itemsLike(items: Iterable<Attributes>, prefix: string, key: 'pk' | 'sk'): Attributes[] {
  return [...items].filter(item => String(item[key]).startsWith(prefix));
}

export const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

export function twice(names: string[]): string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}
