import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ExportState } from '../../lib/gitlab-simulator/archives/behaviour.ts';
import type { Bench } from '../support/service/pipeline-bench.ts';
import { entityOfWeb, sourceProject, startProjectBench } from '../support/service/project-runs.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const HOUR_MS = 3_600_000;
const MIB = 1024 * 1024;

let bench: Bench;
useTableInMemory();
beforeEach(async () => {
  bench = await startProjectBench();
});

describe('the export of a project', () => {
  it('is not taken for failed because an export of last week has', async () => {
    answerStatus(look => (look < 3 ? 'failed' : undefined));
    const web = await entityOfWeb(bench);

    expect(await web.run()).toMatchObject({ status: 'finished' });

    expect(orders()).toBe(1);
  });

  it('is ordered again when the order was lost and the failure of last week is all there is', async () => {
    answerStatus(() => (orders() < 2 ? 'failed' : undefined));
    bench.source.onRequest = aside(bench.source.onRequest, request =>
      isOrder(request) && orders() === 1 ? { kind: 'drop-before' } : undefined,
    );
    const web = await entityOfWeb(bench);

    expect(await web.run()).toMatchObject({ status: 'finished' });

    expect(orders()).toBe(2);
  });

  it('has failed when nothing but a failure is seen for half an hour', async () => {
    const letPass = clockByHand();
    answerStatus(() => 'failed');
    const web = await entityOfWeb(bench);

    for (let run = 0; run < 5; run++) expect(await web.step()).toBe(false);
    letPass(HOUR_MS / 2 + 1);

    expect(await web.run()).toMatchObject({ status: 'failed' });
    expect(await web.messages()).toEqual([expect.stringContaining('Export from source instance failed')]);
    expect(orders()).toBe(1);
  });

  it('is waited for as long as any when the source took the order and shows nothing of it yet', async () => {
    const letPass = clockByHand();
    let isQueued = true;
    answerStatus(() => (isQueued ? 'none' : undefined));
    const web = await entityOfWeb(bench);

    for (let hour = 0; hour < 11; hour++) {
      expect(await web.step()).toBe(false);
      letPass(HOUR_MS);
    }
    isQueued = false;

    expect(await web.run()).toMatchObject({ status: 'finished' });
    expect(orders()).toBe(1);
  });

  it('is given up when the source has not begun it in 12 hours', async () => {
    const letPass = clockByHand();
    answerStatus(() => 'none');
    const web = await entityOfWeb(bench);

    for (let run = 0; run < 5; run++) expect(await web.step()).toBe(false);
    for (let hour = 0; hour < 12; hour += 2) {
      letPass(2 * HOUR_MS);
      await web.step();
    }
    letPass(1);

    expect(await web.run()).toMatchObject({ status: 'failed' });
    expect(await web.messages()).toEqual([expect.stringContaining('has not begun in 12 hours')]);
    expect(orders()).toBe(1);
  });

  it('is not given up for hours in which nobody looked, as on a machine that slept', async () => {
    const letPass = clockByHand();
    answerStatus(look => (look < 4 ? 'started' : undefined));
    const web = await entityOfWeb(bench);

    for (let run = 0; run < 3; run++) expect(await web.step()).toBe(false);
    letPass(20 * HOUR_MS);

    expect(await web.run()).toMatchObject({ status: 'finished' });
    expect(orders()).toBe(1);
  });

  it('is ordered again when nobody has looked for so long that its file has expired', async () => {
    const letPass = clockByHand();
    answerStatus(() => (orders() === 1 ? 'none' : undefined));
    const web = await entityOfWeb(bench);

    for (let run = 0; run < 3; run++) expect(await web.step()).toBe(false);
    letPass(24 * HOUR_MS + 1);

    expect(await web.run()).toMatchObject({ status: 'finished' });
    expect(orders()).toBe(2);
  });

  it('is left to another import of the project, whose order has removed it, and either takes what is there then', async () => {
    const one = await entityOfWeb(bench);
    const two = await entityOfWeb(bench, { destinationSlug: 'other' });
    for (const web of [one, one, one, two, one]) await web.step();

    expect(await one.run()).toMatchObject({ status: 'finished' });
    expect(await two.run()).toMatchObject({ status: 'finished' });

    expect(orders()).toBe(2);
    expect(bench.destination.project('home/web')?.issues).toHaveLength(1);
  });

  it('is ordered once more when it has gone and stays away', async () => {
    bench.source.archives.behaviour.exportStates = ['none', 'started', 'none'];
    bench.source.onRequest = request => {
      if (isOrder(request) && orders() === 2)
        bench.source.archives.behaviour.exportStates = ['started', 'finished'];
      return undefined;
    };
    const web = await entityOfWeb(bench);

    expect(await web.run()).toMatchObject({ status: 'finished' });

    expect(orders()).toBe(2);
  });

  it('has failed when the one that was ordered in its place goes, too', async () => {
    bench.source.archives.behaviour.exportStates = ['none', 'started', 'none'];
    const web = await entityOfWeb(bench);

    expect(await web.run()).toMatchObject({ status: 'failed' });

    expect(await web.messages()).toEqual([expect.stringContaining('Export from source instance failed')]);
    expect(orders()).toBe(2);
  });

  it('is not ordered again over another one that has begun meanwhile', async () => {
    answerStatus(look => {
      if (look === 1 || look === 9) return 'started';
      return look < 9 ? 'none' : undefined;
    });
    const web = await entityOfWeb(bench);

    expect(await web.run()).toMatchObject({ status: 'finished' });

    expect(orders()).toBe(1);
  });

  it('is ordered again when its file has expired while it was downloaded, and nothing of the old one is used', async () => {
    const { archives } = bench.source;
    Object.assign(archives.behaviour, { paddingBytes: 20 * MIB, cutDownloadAfter: 18 * MIB });
    let expired = 0;
    const expire = () => {
      expired += 1;
      void archives.forget(sourceProject(bench));
      Object.assign(sourceProject(bench).issues[0] ?? {}, { title: `It breaks ${expired} times` });
    };
    let downloads = 0;
    bench.source.onRequest = request => {
      if (isDownload(request) && ++downloads === 2) expire();
      if (isLook(request) && downloads === 3 && expired === 1) expire();
      return undefined;
    };
    const web = await entityOfWeb(bench);

    expect(await web.run()).toMatchObject({ status: 'finished' });

    expect(orders()).toBe(3);
    expect(bench.destination.project('home/web')?.issues).toMatchObject([{ title: 'It breaks 2 times' }]);
  });
});

type Hook = NonNullable<Bench['source']['onRequest']>;
type Request = Parameters<Hook>[0];

const isOrder = ({ method, path }: Request) => method === 'POST' && path.endsWith('/export');
const isLook = ({ method, path }: Request) => method === 'GET' && path.endsWith('/export');

const isDownload = ({ method, path }: Request) => method === 'GET' && path.endsWith('/export/download');

/** How often the source was asked for an export. */
const orders = () =>
  bench.source.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/export')).length;

/** Has the source say this of the export, look by look (the first is 0); what it knows itself where it is `undefined`. */
function answerStatus(says: (look: number) => ExportState | undefined): void {
  let looks = 0;
  bench.source.onRequest = request => {
    if (!isLook(request)) return undefined;
    const status = says(looks++);
    if (status === undefined) return undefined;
    const body = JSON.stringify({ id: sourceProject(bench).id, export_status: status });
    return { kind: 'respond', status: 200, headers: { 'content-type': 'application/json' }, body };
  };
}

/** Both: what the second answers goes first. */
const aside =
  (hook: Hook | undefined, first: Hook): Hook =>
  request =>
    first(request) ?? hook?.(request);

/** Holds the clock. @returns what lets milliseconds pass */
function clockByHand(): (ms: number) => void {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  return ms => void vi.setSystemTime(Date.now() + ms);
}
