import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ApiServer } from '../../lib/local/api-server.ts';
import { LocalFunctions } from '../../lib/local/functions.ts';
import { useProgressServer } from '../support/service/progress-server.ts';
import { storeImport } from '../support/table/large-import.ts';
import { useTestTable } from '../support/table/test-table.ts';

useTestTable();
const url = useProgressServer();

describe('the root of the local service', () => {
  it('is a whole page with the progress', async () => {
    const { record } = await storeImport(['acme/platform']);

    const response = await fetch(url());

    const page = await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(page).toContain(`Import ${record.id} `);
    expect(page).toContain('to <bdi>https://gitlab.example.com</bdi>');
    expect(page).toContain('<noscript><meta http-equiv="refresh" content="5"></noscript>');
  });

  it('allows exactly the script and the style that it has, and nothing from elsewhere', async () => {
    const response = await fetch(url());

    const page = await response.text();
    const policy = response.headers.get('content-security-policy') ?? '';
    for (const [element, directive] of [
      ['script', 'script-src'],
      ['style', 'style-src'],
    ]) {
      const contents = [...page.matchAll(new RegExp(`<${element}[^>]*>(.*?)</${element}>`, 'gs'))];
      expect(contents).toHaveLength(1);
      const digest = createHash('sha256')
        .update(contents[0]?.[1] ?? '')
        .digest('base64');
      expect(policy).toContain(`${directive} 'sha256-${digest}'`);
    }
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(page).not.toMatch(/\ssrc=|<link [^>]*href="(?!data:,")/);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('has the part that changes at an address of its own', async () => {
    const before = await (await fetch(`${url()}/progress`)).text();
    const { record } = await storeImport(['acme/later']);

    const after = await (await fetch(`${url()}/progress`)).text();

    expect(before).not.toContain('acme/later');
    expect(after).toContain('acme/later');
    expect(after).toContain(`id="bip-i${record.id}"`);
    expect(after).not.toMatch(/<(html|body|script|style)/);
  });

  it('answers HEAD, and leaves everything else to the API', async () => {
    expect((await fetch(url(), { method: 'HEAD' })).status).toBe(200);
    expect((await fetch(url(), { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${url()}/api/v4/bulk_imports`)).status).toBe(404);
  });

  it('stands beside the API in the server of the service', async () => {
    const server = await ApiServer.start(await LocalFunctions.load(), 0);
    const base = `http://127.0.0.1:${server.port}`;

    const [page, api] = await Promise.all([fetch(base), fetch(`${base}/api/v4/bulk_imports`)]);

    expect(await page.text()).toContain('<h1>Bulk imports</h1>');
    expect(api.status).toBe(401);
    await server.stop();
  });
});
