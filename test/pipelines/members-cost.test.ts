import { expect, it } from 'vitest';
import { members } from '../../lambdas/pipelines/members.ts';
import { requestsTo } from '../support/gitlab/gitlab-faults.ts';
import { type Bench, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const handler = handlerOf(members);

useTableInMemory();

const PEOPLE = 200;
const SUBGROUPS = 10;
const NAMES = Array.from({ length: PEOPLE }, (_, index) => `person-${index}`);

/** A group with 200 members and 10 subgroups that have none of their own; the same groups are at the destination. */
function addTree({ source, destination, addDestinationGroup }: Bench): string[] {
  for (const username of NAMES) {
    source.addUser({ username, publicEmail: `${username}@public.example` });
    destination.addUser({ username, publicEmail: `${username}@public.example` });
  }
  const members = NAMES.map(username => ({ username, accessLevel: 30 as const }));
  source.addGroup({ name: 'Acme', path: 'acme', members });
  addDestinationGroup({ name: 'Acme', path: 'acme' });
  return Array.from({ length: SUBGROUPS }, (_, index) => {
    const team = { name: `Team ${index}`, path: `team-${index}`, parent: 'acme' };
    source.addGroup(team);
    destination.addGroup(team);
    return `acme/${team.path}`;
  });
}

it('looks each person up once per import, however many groups inherit them', async () => {
  const bench = await startBench();
  const subgroups = addTree(bench);
  const root = await bench.migration('members', { from: 'acme', to: 'acme' });
  await root.run(handler);
  const { importId } = root;

  for (const path of subgroups) {
    const migration = await bench.migration('members', { from: path, to: path, importId });
    await migration.run(handler);
    expect((await migration.tracker()).counts).toMatchObject({
      source: PEOPLE,
      skips: { has_access: PEOPLE },
    });
  }

  const { requests } = bench.destination;
  expect(requestsTo(bench.destination, { path: '/users' })).toHaveLength(PEOPLE);
  expect(requestsTo(bench.destination, { method: 'POST', path: '/members' })).toHaveLength(PEOPLE / 100);
  // Per group 3 pages of those who have access, and of the direct members 3 at the root and 1 elsewhere.
  expect(requests.length).toBeLessThanOrEqual(PEOPLE + 5 * (1 + SUBGROUPS));
});
