import { GROUP_RELATIONS } from '../../lambdas/pipelines/stages.ts';
import type { SampleGroup, SampleGroupSeed } from '../../lib/gitlab-simulator/model.ts';
import { type RelationRecords, recordsOfRelation } from '../../lib/gitlab-simulator/relation-records.ts';
import type { RelationFixture } from './fixture.ts';
import { recordsOfGroup } from './records-of-group.ts';

/** A fixture together with what the relation's records are. */
export interface DescribedFixture extends RelationFixture, RelationRecords {
  /** All that it moves of a group, in a form in which two GitLabs can be compared. */
  contentOf(group: SampleGroup): Record<string, string[]>;
}

/** The fixture of every relation of the stage table, in its order. A relation without one ends whoever asks for them. */
export const FIXTURES: ReadonlyMap<string, DescribedFixture> = new Map(
  await Promise.all(
    GROUP_RELATIONS.map(async ({ name, relation }) => {
      const contentOf = (group: SampleGroup) => recordsOfGroup(relation, group);
      return [name, { ...(await fixtureOf(name)), ...recordsOfRelation(relation), contentOf }] as const;
    }),
  ),
);

async function fixtureOf(name: string): Promise<RelationFixture> {
  const file = name.replaceAll('_', '-');
  try {
    const { fixture } = (await import(`./fixtures/${file}.ts`)) as { fixture: RelationFixture };
    return fixture;
  } catch (cause) {
    throw new Error(`The relation '${name}' needs a fixture in test/relations/fixtures/${file}.ts.`, {
      cause,
    });
  }
}

/** What the groups of the larger tests have of each relation that they do not speak of themselves. */
export const SAMPLE: Partial<SampleGroupSeed> = Object.assign(
  {},
  ...[...FIXTURES.values()].map(({ sample }) => sample),
);
