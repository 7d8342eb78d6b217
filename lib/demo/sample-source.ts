import type { ArchiveBehaviour } from '../gitlab-simulator/archives/behaviour.ts';
import type { SampleGroup, SampleUser } from '../gitlab-simulator/model.ts';
import { SampleGitLab } from '../gitlab-simulator/sample-gitlab.ts';
import { SAMPLE_GROUPS } from './sample-groups.ts';
import { addDestinationPeople, addSourcePeople } from './sample-people.ts';

/** Full path of the top-level group, which is the one that the demo asks to be migrated. */
export const SAMPLE_ROOT = 'acme';

/** Added to every request of both GitLabs, so that the migration can be watched. */
const LATENCY_MS = 18;

/**
 * GitLabs whose administrators have switched the limits of single actions off and whose background jobs are done at once:
 * at GitLab's own 6 exports and 6 imports a minute the projects alone would take a minute.
 */
const QUICK_JOBS: Partial<ArchiveBehaviour> = {
  exportStates: ['none', 'finished'],
  importStates: ['finished'],
  exportsPerMinute: 0,
  importsPerMinute: 0,
  downloadsPerMinute: 0,
};

/** A sample GitLab together with the people in it. */
export interface SampleInstance {
  gitlab: SampleGitLab;
  users: SampleUser[];
}

/** An older GitLab Premium with the groups of a company. It is not started. */
export function sampleSource(): SampleInstance {
  const gitlab = new SampleGitLab({ version: '16.11.10-ee', edition: 'premium', latencyMs: LATENCY_MS });
  Object.assign(gitlab.archives.behaviour, QUICK_JOBS);
  const users = addSourcePeople(gitlab);
  for (const group of SAMPLE_GROUPS) gitlab.addGroup(group);
  return { gitlab, users };
}

/** A newer GitLab of the Free edition, with the people but without a group. It is not started. */
export function sampleDestination(): SampleInstance {
  const gitlab = new SampleGitLab({ version: '17.11.2-ee', edition: 'free', latencyMs: LATENCY_MS });
  Object.assign(gitlab.archives.behaviour, QUICK_JOBS);
  const users = addDestinationPeople(gitlab);
  return { gitlab, users };
}

/** How deep the deepest of these groups is; 1 for top-level groups alone. */
export function countLevels(groups: readonly SampleGroup[]): number {
  return Math.max(0, ...groups.map(group => group.fullPath.split('/').length));
}
