import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { ExecutionStore } from '../../lib/local/executions.ts';
import { GROUPS_LANE, LocalFunctions } from '../../lib/local/functions.ts';
import { WorkflowEngine } from '../../lib/local/workflow-engine.ts';
import { isLabelWrite } from '../support/gitlab/label-writes.ts';
import { addPeople, addTree, contentOf, membersOf } from '../support/gitlab/source-tree.ts';
import { startService, type TestService, temporaryFolder } from '../support/service/service.ts';

type Functions = Pick<LocalFunctions, 'invoke'>;

let service: TestService;
let functions: LocalFunctions;
beforeAll(async () => {
  service = await startService({ withoutAcme: true });
  addPeople(service.source);
  addPeople(service.destination);
  addTree(service.source, { levels: 2 });
  functions = await LocalFunctions.load();
  // The imports of this file run in engines of their own.
  vi.spyOn(service.local.engine, 'start').mockResolvedValue(true);
});
afterEach(() => {
  vi.useRealTimers();
  service.destination.onRequest = undefined;
});

/** Every function does all that it has to do, but its answer is lost; so it is invoked again with the same input. */
const answersLost: Functions = {
  async invoke(name, event) {
    await functions.invoke(name, event);
    return functions.invoke(name, event);
  },
};

const isPost = (ending: string) => (request: SampleRequest) =>
  request.method === 'POST' && request.path.endsWith(ending);

/** The writes with which a run dies, once each. */
const LAST_WRITES: Record<string, (request: SampleRequest) => boolean> = {
  group: isPost('/groups'),
  labels: isLabelWrite,
  milestones: isPost('/milestones'),
  badges: isPost('/badges'),
  members: isPost('/members'),
  boards: ({ body }) => JSON.stringify(body ?? '').includes('boardListCreate'),
};

/** Runs die when the first write of one of their relations has taken effect and before they hear of it. */
function dieOnce(): { functions: Functions; died: Set<string> } {
  const died = new Set<string>();
  let death = Promise.withResolvers<'died'>();
  service.destination.onRequest = request => {
    const name = Object.keys(LAST_WRITES).find(key => !died.has(key) && LAST_WRITES[key]?.(request));
    if (name === undefined) return undefined;
    died.add(name);
    death.resolve('died');
    return { kind: 'hang-after' };
  };
  const invoke: Functions['invoke'] = async (name, event) => {
    if (name !== GROUPS_LANE) return functions.invoke(name, event);
    for (;;) {
      death = Promise.withResolvers();
      const result = await Promise.race([functions.invoke(name, event), death.promise]);
      if (result !== 'died') return result;
    }
  };
  return { functions: { invoke }, died };
}

/** Migrates the tree in an engine that has these functions. */
async function migrate(slug: string, through: Functions) {
  const importId = await service.api.start([{ destination_slug: slug, destination_namespace: '' }]);
  // A badge that had to be sent again is looked at when its first request can have no effect any more.
  const passing: Functions = {
    async invoke(name, event) {
      const result = await through.invoke(name, event);
      const { waitSeconds = 0 } = (result ?? {}) as { waitSeconds?: number };
      if (waitSeconds > 0) vi.setSystemTime(Date.now() + 1000 * waitSeconds);
      return result;
    },
  };
  vi.useFakeTimers({ toFake: ['Date'] });
  const executions = await ExecutionStore.open(await temporaryFolder());
  const engine = new WorkflowEngine(executions, passing, { withoutWaits: true });
  await engine.start(`import-${importId}`, JSON.stringify({ importId }));
  const record = await service.api.untilEnded(importId);
  return { record, entities: await service.api.getEntities(importId) };
}

async function expectTheWholeTree(slug: string, through: Functions): Promise<void> {
  const { record, entities } = await migrate(slug, through);

  expect(record).toMatchObject({ status: 'finished', has_failures: false });
  expect(entities.map(({ status }) => status)).toEqual(['finished', 'finished']);
  expect(entities[0]?.stats).toMatchObject({
    labels: { source: 12, fetched: 12, imported: 12 },
    milestones: { source: 2, fetched: 2, imported: 2 },
    badges: { source: 2, fetched: 2, imported: 2 },
    boards: { source: 1, fetched: 1, imported: 1 },
    subgroup_entities: { source: 1, fetched: 1, imported: 1 },
  });
  const { '/': wantedRoot, ...wanted } = contentOf(service.source, 'acme');
  const { '/': root, ...others } = contentOf(service.destination, slug);
  expect(others).toEqual(wanted);
  // Top-level groups may not have the same name twice.
  expect(root).toEqual({ ...(wantedRoot as object), name: service.destination.group(slug)?.name });
  expect(membersOf(service.destination, slug)).toHaveLength(2);
}

describe('a step that is run again with the same input, as a redrive does,', () => {
  it('finds what it has done when only its answer was lost, and writes nothing', async () => {
    await expectTheWholeTree('lost', answersLost);

    const writes = service.destination.requests.filter(({ method, path, status }) =>
      method === 'POST' && path !== '/api/graphql' ? status !== 201 : false,
    );
    expect(writes).toEqual([]);
  });

  it('goes on after the write with which it died, and writes it no second time', async () => {
    const { functions: dying, died } = dieOnce();

    await expectTheWholeTree('died', dying);

    expect([...died].sort()).toEqual(Object.keys(LAST_WRITES).sort());
  });
});
