import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const TIMEOUT_MS = 240_000;
const REPORT = 'report.html';

interface Run {
  code: number | null;
  stdout: string;
  stderr: string;
  /** What is in its folder for temporary files afterwards, besides the report. */
  leftBehind: string[];
  /** The report, if it has left one. */
  report: string;
}

interface Interruption {
  /** The output at which Ctrl-C is pressed. */
  at: RegExp;
  /** Done before that. */
  before?: (stdout: string) => Promise<void>;
}

/** Runs the demo as a user does. */
async function run(args: string[], interruption?: Interruption): Promise<Run> {
  const temporary = await mkdtemp(join(tmpdir(), 'demo-test-'));
  // The tests' own settings would hide what the demo itself sets.
  const { FORCE_COLOR: _, POWERTOOLS_LOG_LEVEL: __, ...env } = process.env;
  const child = spawn(process.execPath, ['bin/demo.ts', '--report', join(temporary, REPORT), ...args], {
    env: { ...env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  let waiting = interruption;
  child.stdout.setEncoding('utf8').on('data', chunk => {
    stdout += chunk;
    if (!waiting?.at.test(stdout)) return;
    const before = waiting.before?.(stdout) ?? Promise.resolve();
    waiting = undefined;
    before.finally(() => child.kill('SIGINT')).catch(() => undefined);
  });
  child.stderr.setEncoding('utf8').on('data', chunk => {
    stderr += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const leftBehind = (await readdir(temporary)).filter(name => name !== REPORT);
  const report = await readFile(join(temporary, REPORT), 'utf8').catch(() => '');
  await rm(temporary, { recursive: true, force: true });
  return { code, stdout, stderr, leftBehind, report };
}

describe.concurrent('npm run demo', { timeout: TIMEOUT_MS }, () => {
  it('migrates the sample tree, reports exact counts and leaves nothing behind', async () => {
    const { code, stdout, stderr, leftBehind, report } = await run(['--plain']);

    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout.match(/^ +[\d.]+ s {2}acme\S* +finished .*$/gm)).toHaveLength(17);
    const table = stdout.slice(stdout.indexOf('Relation '), stdout.indexOf('\n\nPlanned is'));
    expect(table.split('\n').map(line => line.trim().split(/ {2,}/))).toEqual([
      ['Relation', 'Source', 'Planned', 'Fetched', 'Imported', 'Failed', 'Left out'],
      ['groups', '12', '12', '12', '12', '-', '-'],
      ['sharing settings', '1', '1', '1', '1', '-', '-'],
      ['members', '76', '16', '76', '30', '-', '46'],
      ['labels', '169', '167', '169', '169', '-', '-'],
      ['milestones', '13', '11', '13', '12', '1', '-'],
      ['badges', '8', '8', '8', '8', '-', '-'],
      ['wiki pages', '1', '-', '1', '-', '1', '-'],
      ['boards', '7', '4', '7', '4', '3', '-'],
      ['avatars', '3', '3', '3', '3', '-', '-'],
      ['projects to move', '5', '-', '5', '5', '-', '-'],
      ['subgroups', '11', '-', '11', '11', '-', '-'],
      ['group attributes', '12', '11', '12', '11', '1', '-'],
      ['exports', '5', '-', '5', '5', '1', '-'],
      ['archives', '5', '-', '5', '5', '-', '-'],
      ['projects', '5', '-', '5', '5', '-', '-'],
      ['imports', '5', '-', '5', '5', '-', '-'],
      ['project attributes', '5', '-', '5', '5', '-', '-'],
      ['comparisons of projects', '65', '-', '65', '64', '1', '-'],
      ['last steps', '15', '-', '15', '15', '-', '-'],
      ['issues', '5', '-', '5', '5', '-', '-'],
      ['branches', '7', '-', '7', '7', '-', '-'],
      ['releases', '3', '-', '3', '3', '-', '-'],
      ['pipelines', '4', '-', '4', '4', '-', '-'],
      ['snippets', '1', '-', '1', '1', '-', '-'],
      ['protected branches', '1', '-', '1', '1', '-', '-'],
      ['tags', '3', '-', '3', '3', '-', '-'],
      ['merge requests', '2', '-', '2', '2', '-', '-'],
      [expect.stringMatching(/^-+$/)],
      ['total', '449', '233', '449', '396', '8', '46'],
    ]);
    expect(stdout).toMatch(/12 of 12 groups.*167 of 167 labels[^.]*5 of 5 projects[^.]*none twice/s);
    expect(stdout).toMatch(/overloaded twice \(429, [1-9]\d* requests? turned away\)/);
    expect(stdout).toContain('Everything went as planned.');
    expect(stdout).toContain('npm run demo -- --keep');
    expect(stdout).toMatch(/Nothing was written\. The migration would create/);
    expect(stdout).toMatch(/8 failures before, 7 after: .{1,80} arrived\./s);
    expect(stdout).toMatch(/273 records are there and alike, 0 differ, 4 are missing/);
    expect(report).toMatch(/^<!doctype html>/i);
    expect(report).toContain('acme');

    expect(stdout).not.toContain('\x1b');
    expect(stdout).not.toContain('"level":');
    expect(stdout).not.toMatch(/sample-\w+-token|glpat-/);
    const tokens = (pattern: RegExp) => [...stdout.matchAll(pattern)].map(([, token]) => token);
    expect(tokens(/PRIVATE-TOKEN: ([^'\n]*)/g)).toEqual(Array(4).fill('<destination token>'));
    expect(tokens(/"access_token": ?"([^"]*)"/g)).toEqual(Array(4).fill('<source token>'));
    expect(leftBehind).toEqual([]);
  });

  it('stops and removes everything when it is interrupted', async () => {
    const { code, stdout, stderr, leftBehind } = await run([], { at: /acme\/\w+ +started/ });

    expect(code).toBe(130);
    expect(stderr).toBe('Interrupted. Everything was stopped and removed.\n');
    expect(stdout).not.toContain('What was moved');
    expect(leftBehind).toEqual([]);
  });

  it('keeps the service running with --keep until it is interrupted', async () => {
    const statusOf = (stdout: string) => {
      const [url = ''] = /http:\/\/\S+\/bulk_imports\/\d+$/m.exec(stdout) ?? [];
      return fetch(url, { headers: { 'private-token': 'sample-destination-token' } }).then(
        response => response.status,
        () => 'no answer',
      );
    };
    let kept: unknown;

    const { code, stdout, leftBehind } = await run(['--keep'], {
      at: /Ctrl-C stops and removes it/,
      before: async text => {
        kept = await statusOf(text);
      },
    });

    expect(code).toBe(0);
    expect(kept).toBe(200);
    expect(await statusOf(stdout)).toBe('no answer');
    expect(leftBehind).toEqual([]);
  });

  it('explains itself, and what it does not understand', async () => {
    const [help, unknown] = await Promise.all([run(['--help']), run(['--kepp'])]);

    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('--keep');
    expect(unknown).toMatchObject({
      code: 1,
      stdout: '',
      stderr: "Unknown option '--kepp'. The options are --keep, --report FILE, --plain and --help.\n",
    });
  });
});
