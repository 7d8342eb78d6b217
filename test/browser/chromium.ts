import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser of this machine: `CHROMIUM`, or where distributions put it. */
export const browserPath = process.env.CHROMIUM ?? PLACES.find(existsSync);

/** Whether the tests of a file can run. Where nobody watches (`CI`), a missing browser is an error, not a skip. */
export function hasBrowser(): boolean {
  if (browserPath !== undefined) return true;
  const text =
    'There is no Chromium: install it (`apt-get install chromium`), or say where it is in CHROMIUM.';
  if (process.env.CI === 'true') throw new Error(text);
  process.stderr.write(`Skipped. ${text}\n`);
  return false;
}

/** What a page says when something is wrong with it: errors, warnings, refusals of the security policy. */
export interface WatchedPage {
  page: Page;
  complaints: string[];
}

/** Starts one headless Chromium for the test file. @returns opens a page in a fresh profile */
export function useChromium(): (options?: BrowserContextOptions) => Promise<WatchedPage> {
  let browser: Browser | undefined;

  beforeAll(async () => {
    if (browserPath === undefined) return;
    browser = await chromium.launch({
      executablePath: browserPath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
  });

  afterAll(async () => {
    await browser?.close();
  });

  return async options => {
    if (browser === undefined) throw new Error('There is no browser.');
    const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', error => complaints.push(error.message));
    page.on('console', message => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('requestfailed', request => complaints.push(`${request.url()} ${request.failure()?.errorText}`));
    return { page, complaints };
  };
}
