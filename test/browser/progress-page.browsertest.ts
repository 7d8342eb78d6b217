import { setTimeout } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../lambdas/progress/widget.ts';
import { takeIds } from '../../lambdas/store/counters.ts';
import { moveEntity } from '../../lambdas/store/entities.ts';
import { createImport, findImport, moveImport } from '../../lambdas/store/imports.ts';
import { deleteOpenImport, listOpenImports } from '../../lambdas/store/open-imports.ts';
import { HOSTILE_NAMES } from '../progress/fixtures.ts';
import { useProgressServer } from '../support/service/progress-server.ts';
import { countsOf } from '../support/table/counts.ts';
import { setRelationCounts } from '../support/table/entity-records.ts';
import { storeImport } from '../support/table/large-import.ts';
import { newImport } from '../support/table/records.ts';
import { useTestTable } from '../support/table/test-table.ts';
import { hasBrowser, useChromium } from './chromium.ts';
import { contrasts, controls, focused, openAllDetails, overflow, sticksOut } from './page-checks.ts';

const PLAN_TOTALS = {
  changes: { create: 1_234_567, update: 2, unchanged: 3, skip: 4, blocked: 5, unknown: 6 },
  writes: 1_234_569,
  emails: 7,
  users: { mapped: 1, matched: 2, unmatched: 3 },
  notMigrated: {},
  limit: 60,
};
const TEAMS = Array.from({ length: 14 }, (_, index) => `acme/platform/team-${index}`);
const MANY = Array.from({ length: 200 }, (_, index) => `acme/department-${index % 7}/group-${index}`);

describe.runIf(hasBrowser())('the progress page in Chromium', () => {
  useTestTable();
  const url = useProgressServer();
  const open = useChromium();

  beforeEach(async () => {
    for (const open of await listOpenImports()) {
      const { importId } = open;
      const record = await findImport(importId);
      if (record !== undefined) await moveImport(record, 'canceled');
      await deleteOpenImport(open);
    }
  });

  it('tells how to begin when nothing is in flight', async () => {
    const { page, complaints } = await open();

    await page.goto(url());

    expect(await page.title()).toBe('No import in flight');
    expect(await page.locator('pre').innerText()).toContain(
      `curl --request POST ${url()}/api/v4/bulk_imports`,
    );
    expect(complaints).toEqual([]);
  });

  it('appears to assistive technology as headings, tables and named bars, wide and narrow', async () => {
    await storeImport(TEAMS);
    for (const width of [1100, 360]) {
      const { page } = await open({ viewport: { width, height: 800 } });
      await page.goto(url());

      const snapshot = await page.locator('body').ariaSnapshot();

      expect(snapshot).toContain('heading "Bulk imports" [level=1]');
      expect(snapshot).toMatch(/heading "Import \d+ from gitlab.example" \[level=3\]/);
      expect(snapshot).toMatch(/table "Groups and projects of import \d+ that are running"/);
      expect(snapshot).toContain('columnheader "Failures"');
      expect(snapshot).toMatch(/rowheader "acme\/platform\/team-4 .*to.* imported\/team-4"/);
      expect(snapshot).toMatch(/progressbar "acme\/platform\/team-4 .*imported\/team-4"/);
      expect(snapshot).toContain('cell "running"');
    }
  });

  it.each(['light', 'dark'] as const)(
    'has enough contrast everywhere when the system is %s',
    async colorScheme => {
      await storeImport(TEAMS);
      const { page } = await open({ colorScheme });
      await page.goto(url());
      await openAllDetails(page);

      const found = await contrasts(page);

      expect(found.length).toBeGreaterThan(50);
      expect(found.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
      const back = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      expect(back).toBe(colorScheme === 'dark' ? 'rgb(13, 17, 23)' : 'rgb(255, 255, 255)');
    },
  );

  it.each([1280, 390])('says how quickly it goes on, at %i pixels, in light and dark', async width => {
    await storeImport([...HOSTILE_NAMES, ...TEAMS]);
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, complaints } = await open({ colorScheme, viewport: { width, height: 800 } });
      await page.goto(url());

      const pace = await page.locator('.bip-pace').innerText();

      expect(pace).toMatch(/^About \d+ records a minute lately\. About \d+ of the 600 requests/);
      const text = (await contrasts(page)).filter(({ ratio }) => ratio < 4.5);
      expect(text).toEqual([]);
      expect(await overflow(page)).toBe(0);
      expect(await sticksOut(page)).toEqual([]);
      expect(complaints).toEqual([]);
    }
  });

  it('can be used with the keyboard alone, and shows where the focus is', async () => {
    await storeImport(TEAMS);
    const { page } = await open();
    await page.goto(url());
    const expected = await controls(page);

    const reached: string[] = [];
    for (const _ of expected) {
      await page.keyboard.press('Tab');
      const { name, outline } = await focused(page);
      reached.push(name);
      expect(outline).toBeGreaterThanOrEqual(2);
    }

    expect(reached).toEqual(expected);
    expect(reached.length).toBeGreaterThan(6);
    await page.keyboard.press('Enter');
    expect(await page.locator('details[open]').count()).toBe(1);
  });

  it('follows the work without taking focus, place or opened details away', async () => {
    const { record, entityIds } = await storeImport(MANY);
    const { page, complaints } = await open({ viewport: { width: 800, height: 500 } });
    await page.goto(url());
    const ending = {
      id: entityIds[66] ?? 0,
      importId: record.id,
      destinationUrl: record.destinationUrl,
      userId: record.userId,
    };
    const running = { ...ending, id: entityIds[67] ?? 0 };
    await page.locator(`#bip-e${running.id}-rel-s`).focus();
    await page.keyboard.press('Enter');
    await page.locator(`#bip-i${record.id}-done-s`).click();
    await page.locator(`#bip-e${running.id}-rel-s`).focus();
    await page.evaluate('scrollTo(0, 240)');
    const scrolled = await page.evaluate<number>('scrollY');
    await page.evaluate(
      "window.lost = 0; document.addEventListener('focusout', () => { window.lost += 1; }); 0",
    );

    await moveEntity(ending, 'finished');
    await setRelationCounts(running, 'labels', countsOf({ source: 40, fetched: 37, imported: 37 }));
    await page.getByText('67 of 200 groups and projects').waitFor();

    expect(await page.locator(`#bip-e${running.id}-row`).innerText()).toContain('45 of 48');
    expect((await focused(page)).name).toBe(`SUMMARY#bip-e${running.id}-rel-s`);
    expect(await page.evaluate('window.lost')).toBe(0);
    expect(await page.locator(`#bip-e${running.id}-rel`).getAttribute('open')).not.toBeNull();
    expect(await page.locator(`#bip-i${record.id}-done`).getAttribute('open')).not.toBeNull();
    expect(Math.abs((await page.evaluate<number>('scrollY')) - scrolled)).toBeLessThan(80);
    expect(await page.title()).toBe('33 % – 1 import in flight');
    expect(complaints).toEqual([]);
  });

  it('moves the focus to where a group has gone', async () => {
    const { record, entityIds } = await storeImport(TEAMS);
    const { page } = await open();
    await page.goto(url());
    const ending = {
      id: entityIds[4] ?? 0,
      importId: record.id,
      destinationUrl: record.destinationUrl,
      userId: record.userId,
    };
    await page.locator(`#bip-e${ending.id}-rel-s`).focus();

    await moveEntity(ending, 'finished');
    await page.getByText('5 of 14 groups and projects').waitFor();

    expect((await focused(page)).name).toBe(`SUMMARY#bip-i${record.id}-done-s`);
  });

  it('stands still while it is paused', async () => {
    const { record, entityIds } = await storeImport(TEAMS);
    const { page } = await open();
    await page.goto(url());
    await page.getByRole('button', { name: 'Pause updates' }).click();

    await moveEntity(
      {
        id: entityIds[4] ?? 0,
        importId: record.id,
        destinationUrl: record.destinationUrl,
        userId: record.userId,
      },
      'finished',
    );
    await setTimeout(2_500);

    expect(await page.getByText('4 of 14 groups and projects').count()).toBe(1);
    await page.getByRole('button', { name: 'Resume updates' }).click();
    await page.getByText('5 of 14 groups and projects').waitFor();
  });

  it('says when the service does not answer, and goes on when it does', async () => {
    await storeImport(TEAMS);
    const { page } = await open();
    await page.goto(url());

    await page.route('**/progress', route => route.abort());
    await page.getByRole('status').getByText('The service does not answer.').waitFor();
    await page.unroute('**/progress');

    await page.locator('#trouble:empty').waitFor({ state: 'attached' });
    expect(await page.getByText('4 of 14 groups and projects').count()).toBe(1);
  });

  it('is refreshed without scripts too', async () => {
    const { page } = await open({ javaScriptEnabled: false });
    await page.goto(url());
    expect(await page.getByRole('button').count()).toBe(0);

    await storeImport(TEAMS);

    await page.getByText('4 of 14 groups and projects').waitFor({ timeout: 15_000 });
  });

  it('stays quick and short with 200 groups', async () => {
    const { record } = await storeImport(MANY);
    const { page, complaints } = await open({ viewport: { width: 1100, height: 800 } });

    const started = performance.now();
    await page.goto(url());
    await page.getByText('66 of 200 groups and projects').waitFor();
    const took = performance.now() - started;

    expect(took).toBeLessThan(3_000);
    expect(await page.evaluate<number>('document.documentElement.scrollHeight')).toBeLessThan(2_500);
    expect(await page.locator('tbody tr').count()).toBe(200);
    await page.locator(`#bip-i${record.id}-wait-s`).click();
    expect(await page.locator(`#bip-i${record.id}-wait tbody tr:visible`).count()).toBe(129);
    expect(complaints).toEqual([]);
  });

  it.each([
    ['a phone', { viewport: { width: 360, height: 740 } }],
    ['a window at 200 %', { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }],
    ['a wide window', { viewport: { width: 1400, height: 900 } }],
  ])('keeps hostile names in their places on %s', async (_, options) => {
    await storeImport(HOSTILE_NAMES);
    const { page, complaints } = await open(options);

    await page.goto(url());
    await openAllDetails(page);

    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(await page.locator('main script, main img, main style').count()).toBe(0);
    expect(await page.getByText('<script>window.hacked = 1</script>').count()).toBeGreaterThan(0);
    expect(await page.getByText('safe[U+202E]gnp.exe').count()).toBeGreaterThan(0);
    expect(await overflow(page)).toBe(0);
    expect(await sticksOut(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('shows a plan with its commands in light and dark on a phone', async () => {
    const now = new Date().toISOString();
    // Behind those of the other tests, which come from no counter.
    const before = await takeIds('IMPORT', 1_000_000);
    await createImport(
      newImport({
        id: before + 999_999,
        kind: 'plan',
        status: 'finished',
        hasFailures: true,
        sourceUrl: `https://${'old.'.repeat(20)}example`,
        totals: PLAN_TOTALS,
        createdAt: now,
        updatedAt: now,
      }),
    );
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, complaints } = await open({ colorScheme, viewport: { width: 390, height: 740 } });
      await page.goto(url());
      await openAllDetails(page);

      expect(await page.locator('article').filter({ hasText: '1,234,567 to create' }).count()).toBe(1);
      expect((await contrasts(page)).filter(({ ratio }) => ratio < 4.5)).toEqual([]);
      expect(await overflow(page)).toBe(0);
      expect(complaints).toEqual([]);
    }
  });

  it('stays within a narrow window when only the text is enlarged', async () => {
    await storeImport(HOSTILE_NAMES);
    const { page } = await open({ viewport: { width: 640, height: 740 } });
    await page.goto(url());
    await openAllDetails(page);

    await page.evaluate("document.documentElement.style.setProperty('font-size', '200%')");

    expect(await overflow(page)).toBe(0);
  });

  it('runs no script but its own', async () => {
    const { page, complaints } = await open();
    await page.goto(url());

    await page.evaluate(`{
      const script = document.createElement('script');
      script.textContent = 'window.hacked = 1';
      document.body.append(script);
      document.body.setAttribute('onclick', 'window.hacked = 2');
      document.body.click();
    }`);

    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(complaints.join()).toContain('Content Security Policy');
  });

  it.each(['light', 'dark'] as const)(
    'is readable as a widget of a %s dashboard, whatever the system has',
    async theme => {
      await storeImport([...HOSTILE_NAMES, ...TEAMS]);
      for (const colorScheme of ['light', 'dark'] as const) {
        const { page, complaints } = await open({ colorScheme, viewport: { width: 480, height: 600 } });

        await page.setContent(await handler({ widgetContext: { theme } }));
        await openAllDetails(page);

        expect((await contrasts(page)).filter(({ ratio }) => ratio < 4.5)).toEqual([]);
        expect(await overflow(page)).toBe(0);
        expect(complaints).toEqual([]);
      }
    },
  );
});
