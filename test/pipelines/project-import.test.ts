import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Bench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';
import { entityOfWebIn, RELATIONS, requestsOf, startWeb } from './web-bench.ts';

const TIMED_OUT = 'Import timed out. Import took longer than 86400 seconds';

let bench: Bench;
useTableInMemory();
beforeEach(async () => {
  bench = await startWeb();
});

const answer = (status: number, message: string) =>
  ({
    kind: 'respond',
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message }),
  }) as const;
const isStatus = ({ method, path }: { method: string; path: string }) =>
  method === 'GET' && /\/projects\/\d+\/import$/.test(path);
const deletions = () => requestsOf(bench.destination, 'DELETE', /\/projects\//)();

describe('the import of a project', () => {
  it('goes on where the project was made just now, and is not shown everywhere yet', async () => {
    let looks = 0;
    bench.destination.onRequest = request =>
      isStatus(request) && looks++ < 2 ? answer(404, '404 Project Not Found') : undefined;
    const web = await entityOfWebIn(bench);

    expect(await web.run()).toMatchObject({ status: 'finished' });
  });

  it('fails where the project is gone', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    bench.destination.onRequest = request =>
      isStatus(request) ? answer(404, '404 Project Not Found') : undefined;
    const web = await entityOfWebIn(bench);

    const ended = await web.run(RELATIONS, () => vi.setSystemTime(Date.now() + 60_000));

    expect(ended).toMatchObject({ status: 'failed' });
    expect((await web.failures()).map(({ exceptionMessage }) => exceptionMessage)).toContainEqual(
      expect.stringContaining('is gone at the destination'),
    );
  });

  it('that has failed leaves the project where it is when a deletion frees no path within an hour', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    bench.destination.archives.behaviour.importError = TIMED_OUT;
    bench.destination.onRequest = ({ method }) =>
      method === 'DELETE' ? answer(202, '202 Accepted') : undefined;
    const web = await entityOfWebIn(bench);

    const ended = await web.run(RELATIONS, () => vi.setSystemTime(Date.now() + 5 * 60_000));

    expect(ended).toMatchObject({ status: 'failed' });
    expect(deletions()).toHaveLength(1);
    expect(bench.destination.project('home/web')).toBeDefined();
  });

  it('is done once more at a GitLab that tells the kind of an import with its status only', async () => {
    bench = await startWeb({ version: '14.10.5-ee' });
    const { behaviour } = bench.destination.archives;
    behaviour.importError = TIMED_OUT;
    bench.destination.onRequest = ({ method }) => {
      if (method === 'DELETE') behaviour.importError = undefined;
      return undefined;
    };
    const web = await entityOfWebIn(bench);

    expect(await web.run()).toMatchObject({ status: 'finished', destinationFullPath: 'home/web' });

    expect(deletions()).toHaveLength(1);
  });
});
