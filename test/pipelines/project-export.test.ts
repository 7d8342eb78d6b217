import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ExportState } from '../../lib/gitlab-simulator/archives/behaviour.ts';
import type { Bench } from '../support/service/pipeline-bench.ts';
import { entityOfWeb, sourceProject, startProjectBench } from '../support/service/project-runs.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const HOUR_MS = 3_600_000;

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
    expect(await web.failures()).toEqual([expect.stringContaining('Export from source instance failed')]);
    expect(orders()).toBe(1);
  });
});

type Hook = NonNullable<Bench['source']['onRequest']>;
type Request = Parameters<Hook>[0];

const isOrder = ({ method, path }: Request) => method === 'POST' && path.endsWith('/export');
const isLook = ({ method, path }: Request) => method === 'GET' && path.endsWith('/export');

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
