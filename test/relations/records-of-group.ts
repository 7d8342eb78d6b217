import type { SampleGroup } from '../../lib/gitlab-simulator/model.ts';
import { keyOf, recordsOfRelation } from '../../lib/gitlab-simulator/relation-records.ts';

/**
 * All that a relation moves of a group, by kind, in a form in which two GitLabs can be compared. Memberships are not in
 * it: nobody has the same id at both.
 */
export function recordsOfGroup(relation: string, group: SampleGroup): Record<string, string[]> {
  const { kinds } = recordsOfRelation(relation);
  return Object.fromEntries(
    kinds.map(({ what, recordsOf }) => {
      const records = recordsOf(group).filter(({ userId }) => userId === undefined);
      return [what, records.map(keyOf).sort()];
    }),
  );
}
