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

const namesOf = (options: typeof EVERYTHING) =>
  GROUP_PIPELINES.filter(entry => appliesTo(entry, options)).map(({ name }) => name);

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
  it('to an entity that asked for everything', () => {
    expect(namesOf(EVERYTHING)).toHaveLength(GROUP_PIPELINES.length);
  });

  it('not to an entity that did not ask for it', () => {
    const left = GROUP_PIPELINES.map(({ name }) => name).filter(name => !namesOf(NOTHING).includes(name));

    expect(left).toEqual(['members', 'project_entities']);
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
