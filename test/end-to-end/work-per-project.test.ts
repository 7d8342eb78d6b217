import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ArchiveBehaviour } from '../../lib/gitlab-simulator/archives/behaviour.ts';
import { LocalFunctions } from '../../lib/local/functions.ts';
import { ACME, startDestination, startSource } from '../support/service/service.ts';
import { type ServiceInMemory, startServiceInMemory } from '../support/service/service-in-memory.ts';

/**
 * What one project costs in AWS, counted: docs/cost.md multiplies runs and waits by prices; if one of them changes, so
 * must the page. Waits are those for the jobs of the two GitLabs, each state of which is seen by one look.
 */
const QUICK = ['none', 'started', 'finished'] as const;
const SLOW = ['none', 'started', 'started', 'started', 'finished'] as const;
const IMPORT_STATES = ['scheduled', 'started', 'finished'] as const;
const NO_LIMITS = { exportsPerMinute: 0, importsPerMinute: 0, downloadsPerMinute: 0 };

let service: ServiceInMemory;
beforeAll(async () => {
  service = await startServiceInMemory();
  for (const action of ['EXPORTS', 'IMPORTS', 'DOWNLOADS']) {
    vi.stubEnv(`PROJECT_${action}_PER_MINUTE`, '0');
  }
});
afterAll(() => vi.unstubAllEnvs());

interface Work {
  /** Of entities, by any lane. */
  runs: number;
  waits: number;
}

/** Migrates `acme` with so many projects, and returns what it took. */
async function work(projects: number, exportStates: ArchiveBehaviour['exportStates']): Promise<Work> {
  const source = await startSource({ archives: { ...NO_LIMITS, exportStates } });
  const destination = await startDestination({ archives: { ...NO_LIMITS, importStates: IMPORT_STATES } });
  source.addGroup({
    ...ACME,
    members: [...ACME.members],
    projects: Array.from({ length: projects }, (_, index) => ({
      name: `Project ${index}`,
      path: `project-${index}`,
      branches: ['main'],
      issues: [{ title: 'It breaks' }],
    })),
  });
  const api = service.between(source, destination);
  const result: Work = { runs: 0, waits: 0 };
  const counter = countRuns(result);

  const importId = await api.start([{}]);

  expect(await api.untilEnded(importId)).toMatchObject({ status: 'finished' });
  expect(destination.group('imported/acme')?.projects).toHaveLength(projects);
  counter.mockRestore();
  return result;
}

function countRuns(result: Work) {
  const { invoke } = LocalFunctions.prototype;
  return vi.spyOn(LocalFunctions.prototype, 'invoke').mockImplementation(async function (
    this: LocalFunctions,
    ...call: Parameters<LocalFunctions['invoke']>
  ) {
    const answer = await invoke.apply(this, call);
    const { waitSeconds, status } = (answer ?? {}) as { waitSeconds?: number; status?: string };
    if (waitSeconds !== undefined) result.runs += 1;
    if (status === 'wait') result.waits += 1;
    return answer;
  });
}

describe('a project', () => {
  it.each([
    [QUICK, 5],
    [SLOW, 7],
  ] as const)(
    'whose export is %j takes the waits and runs that the cost model says',
    async (states, waits) => {
      const few = await work(1, states);
      const more = await work(3, states);

      expect({ waits: (more.waits - few.waits) / 2, runs: (more.runs - few.runs) / 2 }).toEqual({
        waits,
        runs: waits + 3,
      });
    },
  );
});
