import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../scripts/require-node.mjs', import.meta.url));

let modules: string;

beforeEach(() => {
  modules = mkdtempSync(join(tmpdir(), 'gitlab-bulk-imports-modules-'));
});

afterEach(() => rmSync(modules, { recursive: true, force: true }));

/** Runs the script on a Node that says that it is this version. */
function runOn(version: string): Promise<{ code: unknown; stderr: string }> {
  const pretence = `Object.defineProperty(process, 'versions', { value: { node: '${version}' } })`;
  const options = ['--import', `data:text/javascript,${encodeURIComponent(pretence)}`];
  return new Promise(resolve => {
    execFile(process.execPath, [...options, SCRIPT, modules], (error, _, stderr) => {
      resolve({ code: error?.code ?? 0, stderr });
    });
  });
}

it('stops on a Node that cannot run TypeScript, in one sentence that says why and what to do', async () => {
  const { code, stderr } = await runOn('20.20.2');

  expect(code).toBe(1);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).toContain('needs Node 24 and found 20.20.2');
  expect(stderr).toContain(`${process.platform} ${process.arch}`);
  expect(stderr).toContain('npm ci --include=optional');
});

it.each(['24.0.0', '26.10.0'])('lets Node %s pass without a word', async version => {
  expect(await runOn(version)).toEqual({ code: 0, stderr: '' });
});

it.skipIf(process.platform !== 'linux')('links the Node of the project where npm has not', async () => {
  const name = `node-linux-${process.arch}`;
  mkdirSync(join(modules, name, 'bin'), { recursive: true });
  writeFileSync(join(modules, name, 'bin', 'node'), '');

  expect(await runOn('20.20.2')).toEqual({ code: 0, stderr: '' });
  expect(readlinkSync(join(modules, '.bin', 'node'))).toBe(`../${name}/bin/node`);
});
