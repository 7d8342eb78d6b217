import { createHash } from 'node:crypto';
import type { SampleProjectSeed } from '../../gitlab-simulator/project-model.ts';
import { PROJECT_RECORDS } from '../../gitlab-simulator/project-records.ts';
import { keyOf } from '../../gitlab-simulator/relation-records.ts';
import type { SampleGitLab } from '../../gitlab-simulator/sample-gitlab.ts';
import { BENCH_GROUP } from '../load.ts';

/** The projects of a source. */
export interface ProjectsLoad {
  projects: number;
  /** Groups below the top-level group, into which the projects are dealt one by one. */
  groups: number;
}

/** How many records of a kind there are, and what tells them from others. */
interface Contents {
  count: number;
  digest: string;
}

/** What the projects of a GitLab have, by kinds of records. */
export type ProjectContents = Record<string, Contents>;

/** Adds the groups with their projects. */
export function seedProjects(gitlab: SampleGitLab, { projects, groups }: ProjectsLoad): void {
  for (const group of numbers(groups)) {
    const own = numbers(projects).filter(number => (number - 1) % groups === group - 1);
    gitlab.addGroup({
      name: `Group ${group}`,
      path: `group-${group}`,
      parent: BENCH_GROUP,
      projects: own.map(project),
    });
  }
}

/** A small project that has something of everything that its archive carries. */
function project(number: number): SampleProjectSeed {
  return {
    name: `Project ${number}`,
    path: `project-${number}`,
    description: `The project ${number} of the benchmark`,
    branches: ['main', 'faster', 'slower'],
    tags: ['v1', 'v2'],
    labels: [{ title: 'bug' }, { title: `label ${number}` }],
    milestones: [{ title: `milestone ${number}` }],
    issues: numbers(20).map(issue => ({
      title: `Issue ${number}.${issue}`,
      labels: issue % 2 === 0 ? ['bug'] : [],
      state: issue % 3 === 0 ? 'closed' : 'opened',
      notes: [`A note of ${number}.${issue}`],
    })),
    mergeRequests: numbers(5).map(request => ({
      title: `Merge request ${number}.${request}`,
      sourceBranch: request % 2 === 0 ? 'faster' : 'slower',
    })),
    releases: [{ tag: 'v1', name: 'First' }],
    pipelines: numbers(3).map(() => ({ ref: 'main' })),
    snippets: [{ title: `Snippet ${number}`, fileName: 'snippet.txt', content: `snippet ${number}` }],
    wikiPages: [{ path: 'home.md', content: `# Project ${number}` }],
    lfsObjects: [`A large file of project ${number}`],
  };
}

/** What a GitLab has of projects, for a comparison with another. */
export function projectContents(gitlab: SampleGitLab): ProjectContents {
  const kinds = Object.values(PROJECT_RECORDS).flatMap(relation => relation.kinds);
  const contents = kinds.map(({ what, recordsOf }) => {
    const keys = gitlab.groups().flatMap(group => recordsOf(group).map(keyOf));
    const digest = createHash('sha256').update(keys.sort().join('\n')).digest('hex');
    return [what, { count: keys.length, digest }] as const;
  });
  return Object.fromEntries(contents);
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
