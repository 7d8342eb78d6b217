import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { getEntity } from '../../lambdas/store/entities.ts';
import { keys } from '../../lambdas/store/keys.ts';
import { updateItem } from '../../lambdas/store/table-updates.ts';
import type { Fault, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import type { Bench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';
import { entityOfWebIn, RELATIONS, requestsOf, startWeb } from './web-bench.ts';

let bench: Bench;
useTableInMemory();
beforeEach(async () => {
  bench = await startWeb();
});

const isImport = ({ method, path }: { method: string; path: string }) =>
  method === 'POST' && path.endsWith('/projects/import');
/** Lets a fault meet the imports of archives, by their number from 1 on. */
function onImport(fault: (imports: number, request: SampleRequest) => Fault | undefined): void {
  let imports = 0;
  bench.destination.onRequest = request => {
    if (!isImport(request)) return undefined;
    imports += 1;
    return fault(imports, request);
  };
}
const refusal = (message: string) =>
  ({
    kind: 'respond',
    status: 400,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message }),
  }) as const;
const pathsThere = () => bench.destination.group('home')?.projects.map(({ path }) => path);
const messagesOf = async (web: Awaited<ReturnType<typeof childOfHome>>) =>
  (await web.failures()).map(({ exceptionMessage }) => exceptionMessage);

/** An entity of the project as one of a migrated group, which gives way to what is at its path. */
async function childOfHome() {
  const web = await entityOfWebIn(bench);
  const { importId, id } = await web.entity();
  const parent = await getEntity(importId, id - 1);
  await updateItem(keys.entity(importId, parent.id), {
    set: {
      namespaceId: bench.destination.group('home')?.id,
      destinationFullPath: 'home',
      destinationCreatedAt: new Date().toISOString(),
    },
  });
  await updateItem(keys.entity(importId, id), { set: { parentId: parent.id } });
  return web;
}

/** Lets GitLab have made the project of our archive. */
function makeWeb(): void {
  const made = bench.destination.addProject('home', { name: 'Web', path: 'web' });
  Object.assign(made.import, { type: 'gitlab_project', status: 'finished' });
  Object.assign(made, { creatorId: bench.importerId, createdAt: new Date().toISOString() });
}

function useClock(): void {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
}

describe('a project of a migrated group', () => {
  it('is the one that an upload of minutes has made, when its response is lost and it shows late', async () => {
    useClock();
    const web = await childOfHome();
    onImport(imports => {
      if (imports === 1) {
        vi.setSystemTime(Date.now() + 6 * 60_000);
        return { kind: 'drop-before' };
      }
      if (imports > 2) return undefined;
      makeWeb();
      return refusal('Path has already been taken');
    });

    expect(await web.run()).toMatchObject({ status: 'finished', destinationFullPath: 'home/web' });

    expect(pathsThere()).toEqual(['web']);
  });

  it('is looked for before it gives way, when its path was taken by an upload of minutes and shows later', async () => {
    useClock();
    const web = await childOfHome();
    onImport(imports => {
      if (imports === 1) {
        vi.setSystemTime(Date.now() + 6 * 60_000);
        return { kind: 'drop-before' };
      }
      if (imports === 3) makeWeb();
      return imports > 3 ? undefined : refusal('Path has already been taken');
    });

    expect(await web.run()).toMatchObject({ status: 'finished', destinationFullPath: 'home/web' });

    expect(pathsThere()).toEqual(['web']);
  });

  it('gives way to what stays hidden at its path', async () => {
    useClock();
    const web = await childOfHome();
    onImport((imports, request) => {
      if (imports === 1) return { kind: 'drop-before' };
      return /\bweb_1\b/.test(JSON.stringify(request.body))
        ? undefined
        : refusal('Path has already been taken');
    });

    await web.run(RELATIONS, () => vi.setSystemTime(Date.now() + 60_000));

    expect(pathsThere()).toEqual(['web_1']);
  });

  it('is proved to be ours at a GitLab that tells the kind of an import with its status only', async () => {
    bench = await startWeb({ version: '14.10.5-ee' });
    const web = await childOfHome();
    let lost = 0;
    bench.destination.onRequest = request =>
      isImport(request) && lost++ === 0 ? { kind: 'drop-after' } : undefined;

    expect(await web.run()).toMatchObject({ status: 'finished', destinationFullPath: 'home/web' });

    expect(pathsThere()).toEqual(['web']);
  });
});

describe('a path at which GitLab is still deleting a project', () => {
  const deleting = refusal('The project is still being deleted. Please try again later.');

  it('is waited for', async () => {
    let imports = 0;
    bench.destination.onRequest = request => (isImport(request) && imports++ === 0 ? deleting : undefined);
    const web = await childOfHome();

    expect(await web.run()).toMatchObject({ status: 'finished', destinationFullPath: 'home/web' });

    expect(pathsThere()).toEqual(['web']);
  });

  it('is not waited for longer than two hours', async () => {
    useClock();
    bench.destination.onRequest = request => (isImport(request) ? deleting : undefined);
    const web = await childOfHome();

    const ended = await web.run(RELATIONS, () => vi.setSystemTime(Date.now() + 10 * 60_000));

    expect(ended).toMatchObject({ status: 'failed', projectId: null });
    expect(await messagesOf(web)).toContainEqual(expect.stringContaining('is still deleting'));
    expect(requestsOf(bench.destination, 'POST', /\/projects\/import$/)().length).toBeGreaterThan(5);
  });
});
