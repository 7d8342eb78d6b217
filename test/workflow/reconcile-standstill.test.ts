import { describe, expect, it, vi } from 'vitest';
import { NOTHING_COUNTED } from '../../lambdas/store/counts.ts';
import { getImport } from '../../lambdas/store/imports.ts';
import { handler as reconcile } from '../../lambdas/workflow/reconcile.ts';
import { collectMetrics, readable } from '../support/service/emitted-metrics.ts';
import { showProgress } from '../support/table/entity-records.ts';
import { HOUR, MINUTE, openImport, useOpenImports } from './open-imports.ts';

const { executionIs } = useOpenImports();

describe('an import that waits as it was told', () => {
  const lines = collectMetrics('imports');

  /** Its first page was never read: only its tracker and what it waits for were written. */
  async function openWaiting(seconds: number) {
    const open = await openImport('started', 0);
    const now = Date.now();
    await showProgress(open.entity, 'labels', {
      counts: NOTHING_COUNTED,
      waiting: {
        waitsFor: 'limit',
        instance: 'destination',
        reason: '429 Retry later',
        since: new Date(now).toISOString(),
        until: new Date(now + 1000 * seconds).toISOString(),
      },
    });
    executionIs('RUNNING');
    return open;
  }

  /** What the alarm is told after this time. */
  async function standstillAfter(age: number) {
    vi.setSystemTime(Date.now() + age);
    lines.length = 0;
    await reconcile({});
    return readable(lines).filter(metric => metric.startsWith('LongestStandstill'));
  }

  it('does not stand still before its time, and does from then on', async () => {
    await openWaiting(2 * 3600);

    expect(await standstillAfter(HOUR)).toEqual(['LongestStandstill{}: 0']);
    expect(await standstillAfter(90 * MINUTE)).toEqual(['LongestStandstill{}: 1800']);
  });

  it('is stale a day after its time, and not a day after its last change', async () => {
    const { record } = await openWaiting(6 * 3600);
    vi.setSystemTime(Date.now() + 25 * HOUR);

    expect(await reconcile({})).toEqual({ closed: [] });
    vi.setSystemTime(Date.now() + 5 * HOUR);
    expect(await reconcile({})).toEqual({ closed: [record.id] });
  });
});

describe('an import at a service that is not always on', () => {
  /** Lets time pass in which the service works, looking at its imports each quarter of an hour. */
  async function work(hours: number): Promise<number[]> {
    const closed: number[] = [];
    for (let quarter = 0; quarter < 4 * hours; quarter++) {
      vi.setSystemTime(Date.now() + 15 * MINUTE);
      closed.push(...(await reconcile({ workedMs: 15 * MINUTE })).closed);
    }
    return closed;
  }

  it('does not give up an import for which nobody could work for 25 hours', async () => {
    const { record } = await openImport('started', 25 * HOUR);
    executionIs('RUNNING');

    // The first look after a start or after a sleep.
    expect(await reconcile({ workedMs: 0 })).toEqual({ closed: [] });

    expect(await work(23)).toEqual([]);
    expect((await getImport(record.id)).status).toBe('started');
  });

  it('adds up what it worked between its pauses, so that what stands still ends', async () => {
    const { record } = await openImport('started', 0);
    executionIs('RUNNING');
    const closed: number[] = [];
    for (let day = 0; day < 4; day++) {
      expect(closed).toEqual([]);
      closed.push(...(await work(7)));
      vi.setSystemTime(Date.now() + 17 * HOUR);
      closed.push(...(await reconcile({ workedMs: 0 })).closed);
    }

    expect(closed).toEqual([record.id]);
    expect((await getImport(record.id)).status).toBe('timeout');
  });

  it('begins anew with each change', async () => {
    const { record, entity } = await openImport('started', 0);
    executionIs('RUNNING');
    await work(23);
    await showProgress(entity, 'labels', { counts: { ...NOTHING_COUNTED, source: 1 }, waiting: null });

    expect(await work(23)).toEqual([]);
    expect(await work(2)).toEqual([record.id]);
  });
});
