import { beforeAll, describe, expect, it } from 'vitest';
import type { SampleGroupSeed } from '../../lib/gitlab-simulator/model.ts';
import { ACME, startService, type TestService } from '../support/service/service.ts';

/**
 * What one group costs in AWS, counted: state transitions, function calls, requests to the table. docs/cost.md
 * multiplies these by prices; if one of them changes, so must the page.
 */
const LABELS = 40;
const MILESTONES = 6;
const BADGES = 4;

/** Writes about what is sent: before the group, each 25 labels and each other record, and after them by 25s and at the end. */
const AUDITED = 1 + 2 + MILESTONES + BADGES + 2 + 1;

let service: TestService;
const requests = new Map<'read' | 'write', number>();
const states = new Map<string, number>();

beforeAll(async () => {
  service = await startService({
    withoutAcme: true,
    interceptor: async ({ kind, sk }, act) => {
      // How a GitLab bears its load is noted by the clock, every few seconds at most.
      if (sk !== 'LOAD') count(requests, kind);
      return act();
    },
  });
  service.source.addGroup({ ...ACME, members: [...ACME.members] });
  service.local.engine.observer = state => count(states, state);
});

function count<Name>(counts: Map<Name, number>, name: Name): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** Migrates `acme` with this many more subgroups of 50 records, and returns what it took. */
async function work(subgroups: number, slug: string, contents: Partial<SampleGroupSeed> = {}) {
  for (let number = 1; number <= subgroups; number++) {
    service.source.addGroup({
      name: `Group ${slug} ${number}`,
      path: `${slug}-${number}`,
      parent: 'acme',
      labels: Array.from({ length: LABELS }, (_, index) => ({ title: `${slug} ${number} label ${index}` })),
      milestones: Array.from({ length: MILESTONES }, (_, index) => ({
        title: `${slug} ${number} v${index}`,
      })),
      badges: Array.from({ length: BADGES }, (_, index) => ({
        linkUrl: `https://example.com/${index}`,
        imageUrl: `https://example.com/${index}.svg`,
      })),
      ...contents,
    });
  }
  const entities = service.source.groups().length;
  requests.clear();
  states.clear();
  const importId = await service.api.start([{ destination_slug: slug, destination_namespace: '' }]);
  await expect
    .poll(() => service.local.engine.describe(`import-${importId}`)?.status, { timeout: 50_000 })
    .toBe('SUCCEEDED');
  return {
    entities,
    transitions: [...states.values()].reduce((sum, number) => sum + number, 0),
    calls: [...states].reduce((sum, [state, number]) => sum + (TASKS.has(state) ? number : 0), 0),
    writes: requests.get('write') ?? 0,
    reads: requests.get('read') ?? 0,
  };
}

const TASKS = new Set(['Start import', 'Choose entities', 'Run entity', 'Finish import']);

describe('a group with 50 records', () => {
  it('takes the state transitions, calls and requests to the table that the cost model says', async () => {
    // Once per process it is read whether somebody knows a limit of the two GitLabs.
    await work(0, 'first');
    const few = await work(1, 'few');
    const more = await work(2, 'more');
    const perGroup = (of: 'transitions' | 'calls' | 'writes' | 'reads') =>
      (more[of] - few[of]) / (more.entities - few.entities);

    expect(more.entities - few.entities).toBe(2);
    expect(perGroup('transitions')).toBe(3);
    expect(perGroup('calls')).toBe(1);
    expect(perGroup('writes')).toBe(9 + AUDITED);
    expect(perGroup('reads')).toBe(1);
  });

  it('takes one write more where it has boards, besides those about each of their requests', async () => {
    const without = await work(0, 'none');
    const boards = [{ name: 'Team', lists: [{ label: 'boards 1 label 1' }] }, { name: 'Other' }];
    const one = await work(1, 'boards', { boards });

    expect(one.entities - without.entities).toBe(1);
    const requestsForBoards = 2;
    expect(one.writes - without.writes).toBe(10 + AUDITED + requestsForBoards);
    expect(one.reads - without.reads).toBe(1);
  });
});
