import { beforeEach, describe, expect, it } from 'vitest';
import { PART_BYTES } from '../../lambdas/archives/archive-store.ts';
import type { ApiAnswer } from '../../lib/gitlab-simulator/answer.ts';
import type { Fault } from '../../lib/gitlab-simulator/fault.ts';
import { type Bench, SOURCE_TOKEN } from '../support/service/pipeline-bench.ts';
import { entityOfWeb, sourceProject, startProjectBench } from '../support/service/project-runs.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const MIB = 1024 * 1024;

let bench: Bench;
/** The downloads so far. */
let downloads: number;
useTableInMemory();
beforeEach(async () => {
  bench = await startProjectBench();
  downloads = 0;
  // One part is stored when it is cut off; the rest comes with the next download.
  Object.assign(bench.source.archives.behaviour, { paddingBytes: 20 * MIB, cutDownloadAfter: 18 * MIB });
});

describe('a download that goes on', () => {
  it('takes the rest alone of a file that is the same', async () => {
    onDownload(() => undefined);
    const web = await entityOfWeb(bench);

    expect(await web.run()).toMatchObject({ status: 'finished' });

    expect(downloads).toBe(2);
    expect(orders()).toBe(1);
  });

  it.each([
    ['says so before it sends the rest', undefined],
    ['knows no condition and sends its rest', { kind: 'change', change: asRest } as const],
  ])('takes the whole of another file where the source %s, and orders no other export', async (_, then) => {
    onDownload(number =>
      number === 2 ? { kind: 'hold', until: exportAgain().then(() => then) } : undefined,
    );
    const web = await entityOfWeb(bench);

    expect(await web.run()).toMatchObject({ status: 'finished' });

    expect(orders()).toBe(2);
    expect(bench.destination.project('home/web')?.issues).toMatchObject([{ title: 'It is another' }]);
  });

  it('ends when the file is another one each time', async () => {
    onDownload(number => ({ kind: 'add-headers', headers: { etag: `"${number}"` } }));
    const web = await entityOfWeb(bench);

    expect(await web.run()).toMatchObject({ status: 'failed' });

    expect(await web.messages()).toEqual([expect.stringContaining('became another one again and again')]);
    expect(orders()).toBe(1);
  });
});

describe('a download that finds no file', () => {
  it('waits for one that is on the way, and orders no other export', async () => {
    onDownload(number => (number < 5 ? notFound('The project export file is not available yet') : undefined));
    const web = await entityOfWeb(bench);

    expect(await web.run()).toMatchObject({ status: 'finished' });

    expect(orders()).toBe(1);
  });

  it('orders the export again, three times in all', async () => {
    onDownload(() => notFound('404 Not found or has expired'));
    const web = await entityOfWeb(bench);

    expect(await web.run()).toMatchObject({ status: 'failed' });

    expect(await web.messages()).toEqual([expect.stringContaining('has exported the project 3 times')]);
    expect(orders()).toBe(3);
  });
});

const notFound = (message: string): Fault => ({
  kind: 'respond',
  status: 404,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ message }),
});

/** How often the source was asked for an export, by whomever. */
const orders = () =>
  bench.source.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/export')).length;

/** What happens to the downloads, which are counted from 1. */
function onDownload(faultOf: (number: number) => Fault | undefined): void {
  bench.source.onRequest = ({ method, path }) =>
    method === 'GET' && path.endsWith('/export/download') ? faultOf(++downloads) : undefined;
}

/** Has the same user export the project elsewhere, where it has changed. */
async function exportAgain(): Promise<void> {
  const { issues, id } = sourceProject(bench);
  Object.assign(issues[0] ?? {}, { title: 'It is another' });
  const url = `${bench.source.url}/api/v4/projects/${id}/export`;
  const headers = { 'private-token': SOURCE_TOKEN };
  await fetch(url, { method: 'POST', headers });
  for (let look = 0; look < 10; look++) {
    const { export_status } = (await (await fetch(url, { headers })).json()) as { export_status: string };
    if (export_status === 'finished') return;
  }
  throw new Error('The other export did not come to an end.');
}

/** The whole of a file, as a GitLab sends its rest that does not look whether it is the one that is wanted. */
function asRest(answer: ApiAnswer): ApiAnswer {
  if (answer.file === undefined) throw new Error('It is no file.');
  const { to } = answer.file;
  const range = `bytes ${PART_BYTES}-${to}/${to + 1}`;
  return {
    ...answer,
    status: 206,
    headers: { ...answer.headers, 'content-range': range },
    file: { ...answer.file, from: PART_BYTES },
  };
}
