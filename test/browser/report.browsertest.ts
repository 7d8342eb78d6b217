import { beforeAll, describe, expect, it } from 'vitest';
import { htmlReport } from '../../lambdas/report/html.ts';
import { HOSTILE_NAMES } from '../progress/fixtures.ts';
import { entityWith, failureWith, reportOf, verificationOf, verifiedWith } from '../report/drawn-reports.ts';
import { countsOf } from '../support/table/counts.ts';
import { hasBrowser, useChromium } from './chromium.ts';
import { contrasts, controls, focused, overflow, sticksOut } from './page-checks.ts';

const NAMES = [...HOSTILE_NAMES, 'acme/platform', 'acme/tools'];
const CHANGES = { create: 1_234_567, update: 2, unchanged: 3, skip: 4, blocked: 5, unknown: 6 };

/** A report with everything that a report can have. */
async function fullReport(isVerified: boolean): Promise<string> {
  const labels = countsOf({ source: 40, fetched: 40, imported: 38, failed: 2 });
  const members = countsOf({ source: 9, fetched: 9, imported: 4, skipped: 5, skips: { no_user: 4, odd: 1 } });
  const entities = NAMES.map((name, index) =>
    entityWith({
      id: index + 1,
      sourceFullPath: name,
      destinationFullPath: index % 3 === 0 ? null : name,
      status: index % 3 === 0 ? 'failed' : 'finished',
      relations: { members: index % 2 === 0 },
      counts: { labels, members },
    }),
  );
  const failures = NAMES.flatMap((name, index) => [
    failureWith({
      entityId: index + 1,
      sourceTitle: name,
      exceptionMessage: `The label '${name}' was refused.`,
    }),
    failureWith({ entityId: index + 1, relation: name, sourceTitle: null, exceptionMessage: name }),
  ]);
  const found = verifiedWith({ unchanged: 30, update: 2, create: 1, blocked: 3 });
  const verification = verificationOf(
    entities.map(({ id }) => ({ id, changes: { labels: found } })),
    NAMES.map((sourceTitle, index) => ({
      ...failureWith({ entityId: index + 1, relation: 'milestones', sourceTitle }),
      step: 'loader' as const,
    })),
  );
  const writes = NAMES.map(target => ({ target, result: 'not_found' as const }));
  const plan = entities.map((entity, index) => ({ ...entity, changes: { [NAMES[index] ?? '']: CHANGES } }));
  return htmlReport(
    await reportOf({ entities, failures, writes, plan, ...(isVerified && { verification }) }),
  );
}

/** The report of a plan with names that mean harm. */
async function planReport(): Promise<string> {
  const counts = { labels: countsOf({ source: 9, fetched: 9, imported: 7, failed: 2 }) };
  const entities = NAMES.map((name, index) =>
    entityWith({
      id: index + 1,
      kind: 'plan',
      sourceFullPath: name,
      destinationFullPath: name,
      counts,
      foreseen: { create: 7 },
      notMigrated: { [name]: 1 },
    }),
  );
  const failures = NAMES.map((name, index) => failureWith({ entityId: index + 1, sourceTitle: name }));
  return htmlReport(await reportOf({ kind: 'plan', entities, failures }));
}

describe.runIf(hasBrowser())('the report in Chromium', () => {
  const open = useChromium();
  let pages: Record<'verified' | 'unverified' | 'plan', string>;
  beforeAll(async () => {
    pages = {
      verified: await fullReport(true),
      unverified: await fullReport(false),
      plan: await planReport(),
    };
  });

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
    ['dark', 390],
  ] as const)(
    'is readable in %s at %i pixels, with hostile names in their places',
    async (colorScheme, width) => {
      for (const report of Object.values(pages)) {
        const { page, complaints } = await open({ colorScheme, viewport: { width, height: 800 } });
        await page.setContent(report);

        expect((await contrasts(page)).filter(({ ratio }) => ratio < 4.5)).toEqual([]);
        expect(await overflow(page)).toBe(0);
        expect(await sticksOut(page)).toEqual([]);
        expect(await page.evaluate('window.hacked')).toBeUndefined();
        expect(await page.locator('script, img').count()).toBe(0);
        expect(complaints).toEqual([]);
      }
    },
  );

  it('appears to assistive technology as headings, tables and bars with words', async () => {
    const { page } = await open();
    await page.setContent(pages.unverified);

    const snapshot = await page.locator('body').ariaSnapshot();

    expect(snapshot).toContain('heading "Report of bulk import 42 finished with failures" [level=1]');
    expect(snapshot).toContain('heading "What failed, by cause" [level=2]');
    expect(snapshot).toContain('columnheader "Imported"');
    expect(snapshot).toContain('rowheader "Labels"');
    expect(snapshot).toMatch(/img "\d+ imported, \d+ failed"/);
  });

  it('can be walked with the keyboard', async () => {
    const { page } = await open();
    await page.setContent(pages.unverified);
    const expected = await controls(page);

    const reached: string[] = [];
    for (const _ of expected) {
      await page.keyboard.press('Tab');
      reached.push((await focused(page)).name);
    }

    expect(reached).toEqual(expected);
    expect(reached.length).toBeGreaterThan(2);
  });

  it('is printed light and whole, whatever the system has', async () => {
    const { page } = await open({ colorScheme: 'dark' });
    await page.setContent(pages.verified);
    await page.emulateMedia({ media: 'print' });

    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    expect(await page.locator('details').count()).toBe(0);
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.byteLength).toBeGreaterThan(10_000);
  });
});
