import { finisher } from '../../lambdas/pipelines/finisher.ts';
import { members } from '../../lambdas/pipelines/members.ts';
import { projectAttributes } from '../../lambdas/pipelines/project-attributes.ts';
import { projectCounts } from '../../lambdas/pipelines/project-counts.ts';
import type { Entity } from '../../lambdas/store/entity.ts';
import type { SampleProjectSeed } from '../../lib/gitlab-simulator/project-model.ts';
import type { SampleGitLabOptions } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import type { Bench } from '../support/service/pipeline-bench.ts';
import {
  entityOfWeb,
  MOVING,
  type ProjectRuns,
  staged,
  startProjectBench,
} from '../support/service/project-runs.ts';

/** What moves a project, and counts it. */
export const RELATIONS = staged([...MOVING, projectCounts]);
/** All that is done after that, too. */
export const TO_THE_END = staged([...MOVING, members, projectAttributes, projectCounts, finisher]);

const WEB: SampleProjectSeed = {
  name: 'Web',
  path: 'web',
  branches: ['main', 'next'],
  tags: ['v1'],
  labels: [{ title: 'bug' }],
  milestones: [{ title: '1.0' }],
  issues: [
    { title: 'It breaks', labels: ['bug'], milestone: '1.0', notes: ['When?'] },
    { title: 'It is slow', state: 'closed' },
  ],
  mergeRequests: [{ title: 'Mend it', sourceBranch: 'next' }],
  releases: [{ tag: 'v1' }],
  pipelines: [{ ref: 'main' }],
  lfsObjects: ['large'],
  wikiPages: [{ path: 'home.md', content: 'Welcome' }],
};

/** Two GitLabs, the project `acme/web` with one of everything at one, and the group `home` at the other. */
export const startWeb = (options: SampleGitLabOptions = {}): Promise<Bench> =>
  startProjectBench(options, WEB);

/** An entity of a project, and what became of it. */
export type Web = ProjectRuns;

/** An entity of the project `acme/web`, which goes to `home/web`; and a way to run it to its end. */
export const entityOfWebIn = (bench: Bench, attributes: Partial<Entity> = {}): Promise<Web> =>
  entityOfWeb(bench, attributes, RELATIONS);

/** The requests to a GitLab of this kind, so far. */
export function requestsOf(gitlab: Bench['source'], method: string, path: RegExp) {
  return () => gitlab.requests.filter(request => request.method === method && path.test(request.path));
}
