import { describe, expect, it } from 'vitest';
import { CHOICES, chosenRelations, excludedNames } from '../../lambdas/domain/choices.ts';
import { RELATIONS } from '../../lambdas/pipelines/stages.ts';

/** Without these there is no group or project, or its archive stays where it is, or groups below are lost untold. */
const ALWAYS = {
  group_entity: ['group', 'subgroup_entities', 'project_creation_level'],
  project_entity: ['project_export', 'archive', 'project', 'project_import', 'project_counts', 'finisher'],
};
const TYPES = ['group_entity', 'project_entity'] as const;

describe.each(TYPES)('of a %s', type => {
  it('whatever the stage table has can be chosen, or comes always', () => {
    const own = RELATIONS[type].map(({ name }) => name);
    const { excluded, included } = CHOICES;
    const chosen = [...Object.values(excluded[type]), ...Object.values(included[type])];

    expect([...ALWAYS[type], ...chosen.filter(name => own.includes(name))].sort()).toEqual(own.sort());
  });

  it('what is opt-in can be included, and all else excluded', () => {
    const optIn = new Set(
      RELATIONS[type].filter(relation => relation.optIn === true).map(({ name }) => name),
    );

    for (const name of Object.values(CHOICES.excluded[type])) expect(optIn).not.toContain(name);
    for (const name of optIn) expect(Object.values(CHOICES.included[type])).toContain(name);
  });
});

it('what is excluded is kept as relations that are not moved, and shown again by the same names', () => {
  const relations = chosenRelations('group_entity', ['projects', 'labels', 'nonsense'], []);

  expect(relations).toEqual({ project_entities: false, labels: false });
  expect(excludedNames('group_entity', relations)).toEqual(['labels', 'projects']);
});

it('a project shows of the choice of its group only what is one for projects', () => {
  expect(
    excludedNames('project_entity', { labels: false, members: false, project_attributes: true }),
  ).toEqual(['members']);
});
