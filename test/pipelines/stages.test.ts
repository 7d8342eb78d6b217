import { describe, expect, it } from 'vitest';
import { GROUP_RELATIONS, PROJECT_RELATIONS, RELATIONS, relationOf } from '../../lambdas/pipelines/stages.ts';

const NAMES = [...new Set([...GROUP_RELATIONS, ...PROJECT_RELATIONS].map(({ name }) => name))];

describe.each(NAMES)('the relation %s', name => {
  it('has a file of its name', async () => {
    const file: Record<string, unknown> = await import(
      `../../lambdas/pipelines/${name.replaceAll('_', '-')}.ts`
    );

    expect(Object.values(file)).toContainEqual(expect.objectContaining({ name, read: expect.any(Function) }));
  });
});

describe('the stage table', () => {
  it.each(Object.entries(RELATIONS))(
    'has each name and each relation of a %s once, and stages in order without a gap',
    (_, relations) => {
      const stages = relations.map(({ stage }) => stage);

      expect(new Set(relations.map(({ name }) => name)).size).toBe(relations.length);
      expect(new Set(relations.map(({ relation }) => relation)).size).toBe(relations.length);
      expect(stages).toEqual([...stages].sort());
      expect([...new Set(stages)]).toEqual(Array.from({ length: new Set(stages).size }, (_, at) => at));
    },
  );

  it('lets only what makes a group or project end its entity', () => {
    const ending = [...GROUP_RELATIONS, ...PROJECT_RELATIONS].filter(entry => entry.abortOnFailure);

    expect(ending.map(({ name }) => name)).toEqual([
      'group',
      'project_export',
      'archive',
      'project',
      'project_import',
    ]);
  });

  it('refuses a name that it does not have', () => {
    expect(() => relationOf('group_entity', 'epics')).toThrow(
      "There is no relation 'epics' in the stage table.",
    );
  });
});
