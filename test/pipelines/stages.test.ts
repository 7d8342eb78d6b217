import { describe, expect, it } from 'vitest';
import {
  appliesTo,
  GROUP_PIPELINES,
  isAtLeast,
  pipelineEntry,
  pipelineFile,
} from '../../lambdas/pipelines/stages.ts';

const EVERYTHING = { migrateMemberships: true, migrateProjects: true };
const NOTHING = { migrateMemberships: false, migrateProjects: false };

const namesOf = (options: typeof EVERYTHING, version: string) =>
  GROUP_PIPELINES.filter(entry => appliesTo(entry, options, version)).map(({ name }) => name);

describe.each(GROUP_PIPELINES)('the line of $name', ({ name }) => {
  it('has a file with a handler and a pipeline of that name', async () => {
    const file: Record<string, unknown> = await import(`../../lambdas/pipelines/${pipelineFile(name)}.ts`);

    expect(file.handler).toBeTypeOf('function');
    expect(Object.values(file)).toContainEqual(
      expect.objectContaining({ name, extract: expect.any(Function) }),
    );
  });
});

describe('the stage table', () => {
  it('has each name and each relation once, and stages in order without a gap', () => {
    const stages = GROUP_PIPELINES.map(({ stage }) => stage);

    expect(new Set(GROUP_PIPELINES.map(({ name }) => name)).size).toBe(GROUP_PIPELINES.length);
    expect(new Set(GROUP_PIPELINES.map(({ relation }) => relation)).size).toBe(GROUP_PIPELINES.length);
    expect(stages).toEqual([...stages].sort());
    expect([...new Set(stages)]).toEqual([0, 1, 2, 3]);
  });

  it('lets only the group itself end its entity', () => {
    expect(GROUP_PIPELINES.filter(entry => entry.abortOnFailure).map(({ name }) => name)).toEqual(['group']);
  });

  it('refuses a name that it does not have', () => {
    expect(() => pipelineEntry('wikis')).toThrow("There is no pipeline 'wikis' in the stage table.");
  });
});

describe('a pipeline applies', () => {
  it('to an entity that asked for everything, from a new source', () => {
    expect(namesOf(EVERYTHING, '17.5.1-ee')).toHaveLength(GROUP_PIPELINES.length);
  });

  it('not to an entity that did not ask for it', () => {
    const left = GROUP_PIPELINES.map(({ name }) => name).filter(
      name => !namesOf(NOTHING, '17.5.1').includes(name),
    );

    expect(left).toEqual(['members', 'project_entities']);
  });

  it('not where the source is too old for it', () => {
    const left = (version: string) =>
      GROUP_PIPELINES.map(({ name }) => name).filter(name => !namesOf(EVERYTHING, version).includes(name));

    expect(left('14.3.0-ee')).toEqual(['namespace_settings', 'project_entities']);
    expect(left('14.4.0')).toEqual(['namespace_settings']);
    expect(left('15.0.0-pre')).toEqual([]);
  });
});

it.each([
  ['15.0.3-ee', '15.0', true],
  ['14.10.0', '14.9', true],
  ['14.9.5', '14.10', false],
  ['16.0', '15.11', true],
  ['9.99', '10.0', false],
  ['nonsense', '14.0', false],
])('takes %s for at least %s: %s', (version, minimum, result) => {
  expect(isAtLeast(version, minimum)).toBe(result);
});
