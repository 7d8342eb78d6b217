import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { forgetTokens } from '../../lambdas/api/request/token-checks.ts';
import { isTerminal } from '../../lambdas/domain/statuses.ts';
import { listEntities } from '../../lambdas/store/entity-lists.ts';
import { findImport } from '../../lambdas/store/imports.ts';
import { listOpenImports } from '../../lambdas/store/open-imports.ts';
import { hasTokens } from '../../lambdas/store/sealed-tokens.ts';
import { handler as reconcile } from '../../lambdas/workflow/reconcile.ts';
import type { Fault, SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { Crashes, type CrashPoint } from '../soak/lambda-crashes.ts';
import { ExecutionsStandIn } from '../support/service/executions-stand-in.ts';
import { post } from '../support/service/posting.ts';
import { startDestination, startSource, temporaryFolder } from '../support/service/service.ts';
import { setServiceEnvironment } from '../support/service/state-machine-in-memory.ts';
import { standInForTable } from '../support/table/table-in-memory.ts';

/** Longer than an import may be open before reconciliation looks at it. */
const LATER_MS = 60 * 60_000;

let source: SampleGitLab;
const executions = new ExecutionsStandIn();
/** By the names of the executions that were started. */
const started = executions.statuses;

beforeAll(async () => {
  const destination = await startDestination();
  source = await startSource();
  source.addGroup({ name: 'Acme', path: 'acme', members: [{ username: 'sofia', accessLevel: 50 }] });
  const keyFile = join(await temporaryFolder(), 'token.key');
  writeFileSync(keyFile, randomBytes(32));
  setServiceEnvironment(keyFile, { DESTINATION_GITLAB_URL: destination.url });
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterAll(() => {
  vi.useRealTimers();
  executions.restore();
});

beforeEach(() => {
  forgetTokens();
  started.clear();
});

const json = { 'content-type': 'application/json' };
const TROUBLES: Record<string, Fault | undefined> = {
  fine: undefined,
  'out of order': { kind: 'respond', status: 503, headers: json, body: '{}' },
  refusing: { kind: 'respond', status: 403, headers: json, body: '{"message":"403 Forbidden"}' },
};

/** Kills the first POST at a point, repeats it while the source is like this, and again when all is well. */
async function live(point: CrashPoint, trouble: Fault | undefined) {
  const crashes = new Crashes([point]);
  const { table, restore } = standInForTable(crashes.intercept);
  const call = <T>(act: () => Promise<T>) => crashes.call('test', act);
  try {
    const first = await post(source.url, crashes);
    if (first !== undefined) return undefined;
    source.onRequest = () => trouble;
    const second = await post(source.url, crashes);
    source.onRequest = undefined;
    const begunBySecond = second?.status === 201 && started.has(`import-${second.id}`);
    for (let sweep = 0; sweep < 2; sweep++) {
      vi.setSystemTime(Date.now() + LATER_MS);
      await call(() => reconcile({}));
    }
    const third = await post(source.url, crashes);
    const ids = [...table.items.values()]
      .filter(({ pk, sk }) => String(pk).startsWith('IMPORT#') && sk === 'IMPORT')
      .map(({ id }) => Number(id));
    // Whatever was not begun must be closed, with a reason, and have left nothing open.
    vi.setSystemTime(Date.now() + LATER_MS);
    await call(() => reconcile({}));
    const left: string[] = await call(async () => {
      const problems: string[] = [];
      const open = (await listOpenImports()).map(({ importId }) => importId);
      for (const id of ids) {
        if (started.has(`import-${id}`)) continue;
        const record = await findImport(id);
        if (record?.status !== 'failed') problems.push(`import ${id} is '${record?.status}'`);
        if (!record?.failure?.message) problems.push(`import ${id} does not say why`);
        if (!record?.hasFailures) problems.push(`import ${id} does not say that something failed`);
        const entities = (await listEntities(id)).filter(({ status }) => !isTerminal(status));
        if (entities.length > 0) problems.push(`import ${id} has open entities`);
        if (await hasTokens(id)) problems.push(`import ${id} has its tokens`);
        if (open.includes(id)) problems.push(`import ${id} is listed as open`);
      }
      return problems;
    });
    return { second, begunBySecond, third, left, executions: [...started.keys()] };
  } finally {
    source.onRequest = undefined;
    restore();
    started.clear();
    forgetTokens();
  }
}

describe.each(Object.entries(TROUBLES))(
  'a POST that dies and is repeated while the source is %s',
  (name, trouble) => {
    it.each(['before-write', 'after-write'] as const)(
      '%s of any kind: it is begun, or it can be repeated',
      async at => {
        const broken: string[] = [];
        let deaths = 0;
        for (let nth = 1; ; nth++) {
          const end = await live({ at, nth, victim: 'function' }, trouble);
          // It has no more writes.
          if (end === undefined) break;
          deaths += 1;
          const { second, begunBySecond, third, left, executions: names } = end;
          const note = (what: string) => broken.push(`${at} ${nth}: ${what}`);
          if (name === 'fine' && second?.status !== 201) note(`the second was answered ${second?.status}`);
          if (second?.status === 201 && !begunBySecond) note('201 for an import that nobody begins');
          if (third?.status !== 201) note(`the third was answered ${third?.status}`);
          else if (!names.includes(`import-${third.id}`)) note('the third is never begun');
          if (names.length !== 1) note(`${names.length} executions`);
          for (const problem of left) note(problem);
        }
        expect(broken).toEqual([]);
        expect(deaths).toBeGreaterThan(5);
      },
    );
  },
);
