import { describe, expect, it } from 'vitest';
import { GROUP_RELATIONS, relationOf } from '../../lambdas/pipelines/stages.ts';

describe.each(GROUP_RELATIONS)('the relation $name', ({ name }) => {
  it('has a file of its name', async () => {
    const file: Record<string, unknown> = await import(
      `../../lambdas/pipelines/${name.replaceAll('_', '-')}.ts`
    );

    expect(Object.values(file)).toContainEqual(expect.objectContaining({ name, read: expect.any(Function) }));
  });
});

describe('the stage table', () => {
  it('has each name and each relation once, and stages in order without a gap', () => {
    const stages = GROUP_RELATIONS.map(({ stage }) => stage);

    expect(new Set(GROUP_RELATIONS.map(({ name }) => name)).size).toBe(GROUP_RELATIONS.length);
    expect(new Set(GROUP_RELATIONS.map(({ relation }) => relation)).size).toBe(GROUP_RELATIONS.length);
    expect(stages).toEqual([...stages].sort());
    expect([...new Set(stages)]).toEqual([0, 1, 2, 3, 4]);
  });

  it('lets only the group itself end its entity', () => {
    expect(GROUP_RELATIONS.filter(entry => entry.abortOnFailure).map(({ name }) => name)).toEqual(['group']);
  });

  it('refuses a name that it does not have', () => {
    expect(() => relationOf('group_entity', 'epics')).toThrow(
      "There is no relation 'epics' in the stage table.",
    );
  });
});
