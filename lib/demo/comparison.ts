import type { SampleGroup } from '../gitlab-simulator/model.ts';
import {
  isPremium,
  keyOf,
  RELATION_RECORDS,
  type RecordKind,
  type SampleRecord,
} from '../gitlab-simulator/relation-records.ts';
import { IMPORTING_USER } from './sample-people.ts';
import type { SampleInstance } from './sample-source.ts';

/** How the records of one kind at the destination compare with those at the source. */
export interface Comparison {
  what: string;
  /** At the source. */
  wanted: number;
  /** At the destination with the same contents. */
  found: number;
  /** At the destination without a record at the source, be it a second copy or something else. */
  surplus: number;
  /** Of those wanted: what this destination cannot have, and says so in a failure. */
  impossible: number;
}

/**
 * Compares both GitLabs, group by group and record by record, by what they contain and not by what the service says
 * about it.
 */
export function compareGitLabs(source: SampleInstance, destination: SampleInstance): Comparison[] {
  const pairs = source.gitlab
    .groups()
    .map(group => [group, destination.gitlab.group(destinationPath(group))] as const);
  const keyAtSource = keyWithin(source, destination);
  const keyAtDestination = keyWithin(destination, source);
  const comparisons = Object.values(RELATION_RECORDS)
    .flatMap(({ kinds }) => kinds)
    .map(({ what, recordsOf }: RecordKind): Comparison => {
      const total: Comparison = { what, wanted: 0, found: 0, surplus: 0, impossible: 0 };
      for (const [there, here] of pairs) {
        const records = recordsOf(there);
        const wanted = records.flatMap(keyAtSource);
        const left = here ? recordsOf(here).flatMap(keyAtDestination) : [];
        total.wanted += wanted.length;
        total.impossible += records.filter(isPremium).length;
        for (const key of wanted) {
          const at = left.indexOf(key);
          if (at === -1) continue;
          left.splice(at, 1);
          total.found++;
        }
        total.surplus += left.length;
      }
      return total;
    });
  const groups = comparisons.find(({ what }) => what === 'groups');
  if (groups) groups.surplus += destination.gitlab.groups().length - pairs.filter(([, here]) => here).length;
  return comparisons;
}

/** Whether a comparison is as good as it can be: nothing missing but the impossible, and nothing twice. */
export function isExact({ wanted, found, surplus, impossible }: Comparison): boolean {
  return found === wanted - impossible && surplus === 0;
}

/** Failures that the demo must end with, by relation: what a Free destination does not have, and what is told once. */
export function expectedFailures({ gitlab }: SampleInstance): Map<string, number> {
  const failures = Object.entries(RELATION_RECORDS).map(([relation, { kinds, failuresOf }]) => {
    const perGroup =
      failuresOf ?? (group => kinds.flatMap(({ recordsOf }) => recordsOf(group)).filter(isPremium).length);
    return [relation, gitlab.groups().reduce((sum, group) => sum + perGroup(group), 0)] as const;
  });
  // Who will be the authors of what is in projects.
  const notices = [['export_request', 1]] as const;
  return new Map([...failures, ...notices].filter(([, count]) => count > 0));
}

/** GitLab makes lower case of a path that is a slug, and a slug of any other. */
function destinationPath({ fullPath }: SampleGroup): string {
  return fullPath.toLowerCase().replaceAll(/([._-])[._-]+/g, '$1');
}

/**
 * What identifies a record; nothing for one that is not compared. What belongs to a person is compared by the person's
 * e-mail address. It only counts if the person shows an address that an account of the other GitLab has, as GitLab's
 * rule is. The importing user, who owns at the destination what the import creates, is left out on both sides.
 */
function keyWithin(instance: SampleInstance, other: SampleInstance): (record: SampleRecord) => string[] {
  const accounts = new Set(other.users.map(user => user.publicEmail));
  const people = new Map(
    instance.users
      .filter(
        ({ publicEmail, username }) =>
          publicEmail && accounts.has(publicEmail) && username !== IMPORTING_USER,
      )
      .map(user => [user.id, user.publicEmail]),
  );
  return record => {
    if (record.userId === undefined) return [keyOf(record)];
    const address = people.get(record.userId);
    return address ? [keyOf({ ...record, title: address })] : [];
  };
}
