import { beforeEach } from 'vitest';
import { finisher } from '../../lambdas/pipelines/finisher.ts';
import type { SampleProject, SampleProjectSeed } from '../../lib/gitlab-simulator/project-model.ts';
import type { Fault, SampleGitLabOptions } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { type Bench, handlerOf, type Migration, startBench } from '../support/service/pipeline-bench.ts';
import { addProjects, projectMigration } from '../support/service/project-bench.ts';
import { keepArchives } from '../support/service/project-runs.ts';

export const handler = handlerOf(finisher, 'projects');

/** Keeps archives in a folder of each test. */
export const useArchivesFolder = (): void => beforeEach(keepArchives);

/** What GitLab's import makes the importing user. */
export const MAINTAINER = { username: 'importer', accessLevel: 40 } as const;

interface Seeds {
  here?: Partial<SampleProjectSeed>;
  there?: Partial<SampleProjectSeed>;
  gitlabs?: SampleGitLabOptions;
}

/** A project that GitLab has imported, of which the importing user has become a member. */
export async function imported({ here = {}, there = { members: [MAINTAINER] }, gitlabs = {} }: Seeds = {}) {
  const bench = await startBench({ source: gitlabs, destination: gitlabs });
  const { destination, group } = addProjects(bench, { project: here }, { project: there });
  const { version } = gitlabs;
  const options = version === undefined ? {} : { sourceVersion: version };
  const migration = await projectMigration(bench, 'finisher', options);
  return { bench, group, project: destination, migration };
}

/** Whether the importing user is a member of a project itself. */
export const isMember = ({ importerId }: Bench, { members }: SampleProject) =>
  members.some(({ userId }) => userId === importerId);

/** Normal handling, but the answer says this as well. */
export const changed = (more: object): Fault => ({
  kind: 'change',
  change: answer => ({ ...answer, body: JSON.stringify({ ...JSON.parse(String(answer.body)), ...more }) }),
});

/** What the failures of a migration say. */
export const messages = async (migration: Migration) =>
  (await migration.failures()).map(({ exceptionMessage }) => exceptionMessage);
