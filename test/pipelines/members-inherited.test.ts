import { expect, it } from 'vitest';
import { refused, requestsTo, setFault } from '../support/gitlab/gitlab-faults.ts';
import { lane, runChild } from '../support/service/group-lane.ts';
import { type Bench, FINISHED, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

useTableInMemory();

/** Who is who at the destination, by id. */
const names = new Map<number, string>();

/** A group with two members, and a subgroup with a third and one of the two at a higher level. */
async function startTree() {
  const bench = await startBench();
  names.set(bench.importerId, 'importer');
  for (const username of ['ann', 'ben', 'cleo']) {
    const user = { username, publicEmail: `${username}@public.example` };
    bench.source.addUser(user);
    names.set(bench.destination.addUser(user).id, username);
  }
  const above = ['ann', 'ben'].map(username => ({ username, accessLevel: 30 as const }));
  bench.source.addGroup({ name: 'Acme', path: 'acme', members: above, labels: [{ title: 'bug' }] });
  bench.source.addGroup({
    name: 'Team',
    path: 'team',
    parent: 'acme',
    members: [
      { username: 'cleo', accessLevel: 30 },
      { username: 'ben', accessLevel: 40 },
    ],
  });
  return { bench, parent: await bench.migration('members', { from: 'acme' }) };
}

/** The relations of each request for members at the source. */
const relationsRead = (bench: Bench) =>
  requestsTo(bench.source, { method: 'POST', path: '/graphql' })
    .map(({ body }) => body as { variables?: { relations?: string[] } })
    .flatMap(({ variables }) => (variables?.relations === undefined ? [] : [variables.relations]));

/** The levels of the direct members of a group at the destination, by their names. */
function levels({ destination }: Bench, path: string) {
  const direct = destination.group(path)?.members ?? [];
  return Object.fromEntries(direct.map(({ userId, accessLevel }) => [names.get(userId), accessLevel]));
}

it('inherited members are not read again where the parent came through complete', async () => {
  const { bench, parent } = await startTree();
  expect(await parent.run(lane)).toEqual(FINISHED);

  const child = await runChild(parent);

  expect(relationsRead(bench)).toEqual([
    ['DIRECT', 'INHERITED', 'SHARED_FROM_GROUPS'],
    ['DIRECT', 'SHARED_FROM_GROUPS'],
  ]);
  expect(child.stats.members).toMatchObject({ source: 2, imported: 2, skipped: 0, failed: 0 });
  expect(levels(bench, 'acme/team')).toEqual({ importer: 50, cleo: 30, ben: 40 });
});

it('inherited members are read where something of the parent has failed', async () => {
  const { bench, parent } = await startTree();
  // The list of both is refused as a whole, and then one of them alone.
  let sent = 0;
  const where = () => ++sent <= 2;
  setFault(bench.destination, { method: 'POST', path: '/members', where }, refused(400, 'not today'));
  expect(await parent.run(lane)).toEqual(FINISHED);
  expect(await parent.failures()).toHaveLength(1);

  const child = await runChild(parent);

  expect(relationsRead(bench)).toHaveLength(2);
  expect(relationsRead(bench)[1]).toContain('INHERITED');
  expect(child.stats.members).toMatchObject({ failed: 0 });
  // The one who is missing above is a member here now; the other inherits.
  expect(Object.keys(levels(bench, 'acme/team'))).toHaveLength(['importer', 'cleo', 'ben', 'ann'].length);
});
