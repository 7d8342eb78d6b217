/** A sample GitLab in a process of its own, so that its memory and its CPU are not taken for the service's. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { SampleGitLab, type SampleGitLabOptions } from '../gitlab-simulator/sample-gitlab.ts';

export const BENCH_TOKEN = 'sample-bench-token';
/** The top-level group of the source. */
export const BENCH_GROUP = 'bench';

/** What the process is asked to be. */
export interface BenchGitLab extends SampleGitLabOptions {
  /** Subgroups to seed, with records each; none for a destination. */
  subgroups: number;
}

/** Requests so far, the most at the same time, and how many were refused for the rate limit. */
export interface Traffic {
  requests: number;
  peakParallel: number;
  rateLimited: number;
  /** What it was asked that GitLab does not declare. */
  undeclared: string[];
}

/** Labels, milestones and badges of each subgroup: 30 records. */
const LABELS = 20;
const MILESTONES = 6;
const BADGES = 4;
export const RECORDS_PER_GROUP = LABELS + MILESTONES + BADGES;

/** The bench's side of a sample GitLab that runs elsewhere. */
export class GitLabProcess {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  /** Starts the process and waits until the GitLab in it listens. */
  static async start(options: BenchGitLab): Promise<GitLabProcess> {
    const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(options)]);
    const exited = once(child, 'exit').then(([code]) => {
      throw new Error(`A sample GitLab ended with exit code ${code}.`);
    });
    const [{ url }] = (await Promise.race([once(child, 'message'), exited])) as [{ url: string }];
    exited.catch(() => undefined);
    return new GitLabProcess(child, url);
  }

  /** The traffic since the start. */
  async traffic(): Promise<Traffic> {
    this.#child.send('traffic');
    const [traffic] = (await once(this.#child, 'message')) as [Traffic];
    return traffic;
  }

  stop(): void {
    this.#child.kill();
  }
}

function seed(gitlab: SampleGitLab, subgroups: number): void {
  gitlab.addUser({ username: 'bench-admin', admin: true });
  gitlab.addToken(BENCH_TOKEN, { username: 'bench-admin' });
  if (subgroups === 0) return;
  gitlab.addGroup({ name: 'Bench', path: BENCH_GROUP });
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
  for (const group of numbers(subgroups)) {
    gitlab.addGroup({
      name: `Group ${group}`,
      path: `group-${group}`,
      parent: BENCH_GROUP,
      labels: numbers(LABELS).map(label => ({ title: `label ${group}.${label}`, color: '#428bca' })),
      milestones: numbers(MILESTONES).map(milestone => ({
        title: `milestone ${group}.${milestone}`,
        state: milestone % 3 === 0 ? 'closed' : 'active',
      })),
      badges: numbers(BADGES).map(badge => ({
        name: `badge ${badge}`,
        linkUrl: `https://example.com/${group}/${badge}`,
        imageUrl: `https://example.com/${group}/${badge}.svg`,
      })),
    });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { subgroups, ...options } = JSON.parse(process.argv[2] ?? '{}') as BenchGitLab;
  const gitlab = new SampleGitLab(options);
  seed(gitlab, subgroups);
  await gitlab.start();
  process.on('message', () => {
    process.send?.({
      requests: gitlab.statistics.total,
      peakParallel: gitlab.statistics.peakParallel,
      rateLimited: gitlab.requests.filter(({ status }) => status === 429).length,
      undeclared: gitlab.undeclared,
    } satisfies Traffic);
  });
  process.on('disconnect', () => process.exit());
  process.send?.({ url: gitlab.url });
}
