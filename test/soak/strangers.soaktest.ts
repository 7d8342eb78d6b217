import { describe, expect, it } from 'vitest';
import { broken } from './invariants.ts';
import { recordsOf } from './records.ts';
import type { GroupPlan, Stranger } from './schedule.ts';
import { live } from './world.ts';

const GROUP: GroupPlan = {
  labels: ['', ''],
  milestones: [false],
  badges: 1,
  lists: 1,
  members: 2,
  projects: 0,
  hasAvatar: true,
  isLocked: false,
  children: [],
};
const TREE: GroupPlan = { ...GROUP, children: [GROUP] };

const booleans = [false, true];
const PLACES = { 'at the top level': 1, 'inside of the parent': 2 };
const visibilities = ['private', 'public'] as const;

/** All strangers that a schedule can draw, but for what the name of their group is. */
const strangersAt = (nth: number): Stranger[] =>
  booleans.flatMap(isOursLost =>
    booleans.flatMap(includesUs =>
      visibilities.flatMap(visibility =>
        (['nothing', 'a label'] as const).map(holds => ({
          nth,
          isOursLost,
          includesUs,
          visibility,
          holds,
          hasSameName: false,
        })),
      ),
    ),
  );

describe.each(Object.entries(PLACES))('a stranger who is faster %s', (_, nth) => {
  it.each(strangersAt(nth))(
    'keeps the group for themselves (ours lost: $isOursLost, $visibility, with $holds, with us: $includesUs)',
    async stranger => {
      const schedule = {
        tree: TREE,
        mishaps: [],
        crashes: [],
        cancelAfter: undefined,
        stranger,
        destination: {},
        order: 0,
      };
      const aftermath = await live(schedule);
      try {
        expect(broken(aftermath, schedule)).toEqual([]);
        expect(aftermath.foreign).toHaveLength(1);
        const { entities, failures } = recordsOf(aftermath);
        if (nth === 1) {
          expect(failures[0]?.exceptionMessage).toMatch(/^Group exists: /);
        } else {
          expect(failures).toEqual([]);
          expect(entities.map(({ destinationFullPath }) => destinationFullPath)).toContain('acme/acme-0_1');
        }
      } finally {
        await aftermath.stop();
      }
    },
  );
});
