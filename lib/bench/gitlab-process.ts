/** A sample GitLab in a process of its own, so that its memory and its CPU are not taken for the service's. */

import { SampleGitLab, type SampleGitLabOptions } from '../gitlab-simulator/sample-gitlab.ts';
import { Forked, forkedOptions, respond } from './forked.ts';
import { type Counts, countContents, type Load, seed } from './load.ts';
import { chargeMutations } from './mutation-latency.ts';
import { type ArchiveTraffic, watchArchiveTraffic } from './projects/archive-traffic.ts';
import { type ProjectContents, type ProjectsLoad, projectContents, seedProjects } from './projects/load.ts';

/** What the process is asked to be. */
export interface BenchGitLab extends SampleGitLabOptions {
  /** Without it, it has people and no groups, as a destination. */
  load?: Load;
  /** Groups with projects below the top-level group; none without it. */
  projects?: ProjectsLoad;
  /** Whether each mutation of a document takes the latency of a request; otherwise a document takes it once. */
  latencyPerMutation?: boolean;
}

/** What has happened since somebody last asked, and what there is now. */
export interface Traffic {
  requests: number;
  /** Most requests at the same time, since the start. */
  peakParallel: number;
  /** Requests refused with 429. */
  tooManyRequests: number;
  /** Searches for users by their address. */
  userLookUps: number;
  /** What it was asked that GitLab does not declare. */
  undeclared: string[];
  contents: Counts;
}

type Question = 'traffic' | 'archives' | 'projects';
type Response = Traffic | ArchiveTraffic | ProjectContents;

/** The benchmark's side of a sample GitLab that runs elsewhere. */
export class GitLabProcess {
  readonly #process: Forked<{ url: string }, Question, Response>;

  private constructor(forked: Forked<{ url: string }, Question, Response>) {
    this.#process = forked;
  }

  /** Starts the process and waits until the GitLab in it listens. */
  static async start(options: BenchGitLab): Promise<GitLabProcess> {
    return new GitLabProcess(await Forked.start(new URL(import.meta.url), options));
  }

  get url(): string {
    return this.#process.ready.url;
  }

  /** The traffic since the last call. */
  traffic(): Promise<Traffic> {
    return this.#process.ask('traffic') as Promise<Traffic>;
  }

  /** What was asked about archives since the start. */
  archives(): Promise<ArchiveTraffic> {
    return this.#process.ask('archives') as Promise<ArchiveTraffic>;
  }

  /** What there is of projects. */
  projects(): Promise<ProjectContents> {
    return this.#process.ask('projects') as Promise<ProjectContents>;
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}

/** How often the requests are counted and let go: ten thousand groups take some 150,000. */
const COUNT_EVERY_MS = 1_000;

/** Counts the requests of a GitLab without keeping them. */
function counterOf(gitlab: SampleGitLab): () => Traffic {
  const counts = { requests: 0, tooManyRequests: 0, userLookUps: 0 };
  const count = () => {
    const { requests } = gitlab;
    // Those that have no response yet may still become a 429.
    const open = requests.filter(({ status }) => status === undefined);
    for (const { status, path, query } of requests) {
      if (status === undefined) continue;
      counts.requests++;
      if (status === 429) counts.tooManyRequests++;
      if (path === '/api/v4/users' && query.has('search')) counts.userLookUps++;
    }
    requests.splice(0, requests.length, ...open);
  };
  setInterval(count, COUNT_EVERY_MS).unref();
  return () => {
    count();
    const { peakParallel } = gitlab.statistics;
    const since = { ...counts, peakParallel, undeclared: gitlab.undeclared, contents: countContents(gitlab) };
    Object.assign(counts, { requests: 0, tooManyRequests: 0, userLookUps: 0 });
    return since;
  };
}

const options = forkedOptions<BenchGitLab>(import.meta.url);
if (options !== undefined) {
  const { load, projects, latencyPerMutation, ...others } = options;
  const archives = watchArchiveTraffic();
  const gitlab = new SampleGitLab(others);
  seed(gitlab, load);
  if (projects) seedProjects(gitlab, projects);
  if (latencyPerMutation) gitlab.onRequest = chargeMutations(others.latencyMs ?? 0);
  await gitlab.start();
  const traffic = counterOf(gitlab);
  const answers: Record<Question, () => Response> = {
    traffic,
    archives,
    projects: () => projectContents(gitlab),
  };
  respond<Question>({ url: gitlab.url }, async question => answers[question]());
}
