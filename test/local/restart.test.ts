import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SampleGitLab, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { isLabelWrite } from '../support/gitlab/label-writes.ts';
import { addPeople, addTree, contentOf, membersOf } from '../support/gitlab/source-tree.ts';
import { startProcess } from '../support/processes/process.ts';
import { until } from '../support/service/bulk-imports-client.ts';
import { startDestination, startSource, temporaryFolder } from '../support/service/service.ts';

/** A service that is told to stop waits for what it is doing: so much longer it has to wait for the held request. */
const HELD_MS = 1_000;

let source: SampleGitLab;
let destination: SampleGitLab;
beforeAll(async () => {
  [source, destination] = await Promise.all([startSource(), startDestination()]);
  addPeople(source);
  addPeople(destination);
  addTree(source, { levels: 2 });
});
afterEach(() => {
  destination.onRequest = undefined;
});

/** Holds the request that creates something of this name until it is released, and lets all others pass. */
function hold(name: string) {
  const gate = Promise.withResolvers<undefined>();
  let held: SampleRequest | undefined;
  destination.onRequest = request => {
    const isWrite = isLabelWrite(request) || request.path.startsWith('/api/v4/groups');
    const isAbout =
      request.method === 'POST' && isWrite && JSON.stringify(request.body).includes(`"${name}"`);
    if (held !== undefined || !isAbout) return undefined;
    held = request;
    return { kind: 'hold', until: gate.promise };
  };
  return {
    arrived: () => until(`the request for ${name}`, () => held),
    release: () => gate.resolve(undefined),
  };
}

interface Running extends Awaited<ReturnType<typeof startProcess>> {
  dataDir: string;
}

/** What the test before has left running, which saves a start. */
let left: Running | undefined;

async function running(): Promise<Running> {
  const service = left ?? (await startIn(await temporaryFolder()));
  left = undefined;
  return service;
}

async function startIn(dataDir: string): Promise<Running> {
  return { dataDir, ...(await startProcess(dataDir, source, destination)) };
}

describe.each([
  ['killed', 'a label', 'SIGKILL', 'label 005'],
  ['killed', 'a group', 'SIGKILL', 'platform'],
  ['stopped', 'a group', 'SIGTERM', 'platform'],
] as const)('a service that is %s while it writes %s', (_, kind, signal, name) => {
  it('goes on after the next start, and nothing is lost or doubled', async () => {
    const slug = `${signal}-${kind}`.toLowerCase().replaceAll(' ', '-');
    const first = await running();
    const held = hold(name);
    const importId = await first.api.start([{ destination_slug: slug, destination_namespace: '' }]);
    await held.arrived();
    // One that is under way when the service is killed, and not to be found afterwards, is waited for five minutes.
    await until('the badges', () => (destination.group(slug)?.badges.length === 2 ? true : undefined));

    const stopped = first.local.stop(signal);
    await (signal === 'SIGTERM' ? pause(HELD_MS) : stopped);
    held.release();
    await stopped;
    destination.onRequest = undefined;
    const second = await startIn(first.dataDir);
    const ended = await second.api.untilEnded(importId);
    const entities = await second.api.getEntities(importId);
    left = second;

    expect(ended).toMatchObject({ status: 'finished', has_failures: false });
    expect(entities.map(({ status }) => status)).toEqual(Array(2).fill('finished'));
    expect(entities[0]?.stats).toMatchObject({
      labels: { source: 12, fetched: 12, imported: 12 },
      badges: { source: 2, fetched: 2, imported: 2 },
      subgroup_entities: { source: 1, fetched: 1, imported: 1 },
    });
    const { '/': wantedRoot, ...wanted } = contentOf(source, 'acme');
    const { '/': root, ...others } = contentOf(destination, slug);
    expect(others).toEqual(wanted);
    // Top-level groups may not have the same name twice.
    expect(root).toEqual({ ...(wantedRoot as object), name: destination.group(slug)?.name });
    expect(membersOf(destination, slug)).toHaveLength(2);
  });
});

it('imports that ended before a stop are still there after the next start', async () => {
  const first = await running();
  const importId = await first.api.start([{ source_full_path: 'acme/platform', destination_slug: 'kept' }]);
  const before = await first.api.untilEnded(importId);
  const requests = destination.requests.length;
  await first.local.stop('SIGTERM');

  const second = await startIn(first.dataDir);
  const after = await second.api.getImport(importId);
  const newer = await second.api.start([{ source_full_path: 'acme/platform', destination_slug: 'newer' }]);
  await second.api.untilEnded(newer);
  await second.local.stop('SIGTERM');

  expect(after).toEqual(before);
  expect(newer).toBe(importId + 1);
  const createdAgain = destination.requests
    .slice(requests)
    .filter(
      ({ method, path, body }) =>
        method === 'POST' && path === '/api/v4/groups' && (body as { path: string }).path === 'kept',
    );
  expect(createdAgain).toEqual([]);
});
