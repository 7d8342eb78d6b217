import { beforeAll, expect, it } from 'vitest';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { isLabelWrite } from '../support/gitlab/label-writes.ts';
import { startHttpServer } from '../support/network/http-server.ts';
import { startProcess } from '../support/processes/process.ts';
import { until } from '../support/service/bulk-imports-client.ts';
import { ACME, startDestination, startSource, temporaryFolder } from '../support/service/service.ts';

const TOKEN_OF_B = 'sample-token-of-b';

let source: SampleGitLab;
let a: SampleGitLab;
let dataDir: string;
/** Started against A by its user dora, and stopped in the middle of the labels. */
let importId: number;
beforeAll(async () => {
  [source, a, dataDir] = await Promise.all([startSource(), startDestination(), temporaryFolder()]);
  source.addGroup({ ...ACME, members: [...ACME.members], labels: [{ title: 'bug' }, { title: 'feature' }] });
  const first = await startProcess(dataDir, source, a);
  let held = false;
  a.onRequest = request => {
    if (!isLabelWrite(request)) return undefined;
    held = true;
    return { kind: 'hang' };
  };
  importId = await first.api.start([{}]);
  await until('a label', () => held || undefined);
  await first.local.stop('SIGKILL');
  a.onRequest = undefined;
});

it('an import is paused while the service has another destination, and goes on with its own', async () => {
  // Whatever B is asked: its user has the id that dora has at A.
  const dora = a.group('imported')?.members[0]?.userId;
  const body = JSON.stringify({ id: dora, username: 'bert', is_admin: true, scopes: ['api'] });
  const b = await startHttpServer({ headers: { 'content-type': 'application/json' }, body });
  const before = [source.requests.length, a.requests.length];

  const second = await startProcess(dataDir, source, b);
  // Long enough for the resumed import to come to its pipelines.
  await until('the pause', () => second.local.stderr.includes('other_destination') || undefined);
  const beforeAnyCall = b.requests.length;
  const call = (method: string, path: string) => second.api.call(method, path, { token: TOKEN_OF_B });
  const lists = ['/bulk_imports', '/bulk_imports?status=started', '/bulk_imports/entities'];
  const listed = await Promise.all(lists.map(path => call('GET', path)));
  const missing = await Promise.all([
    call('GET', `/bulk_imports/${importId}`),
    call('GET', `/bulk_imports/${importId}/entities`),
    call('POST', `/bulk_imports/${importId}/cancel`),
  ]);
  await second.local.stop('SIGTERM');

  expect(beforeAnyCall).toBe(0);
  expect(new Set(b.requests.map(({ headers }) => headers.authorization))).toEqual(
    new Set([`Bearer ${TOKEN_OF_B}`]),
  );
  expect([source.requests.length, a.requests.length]).toEqual(before);
  expect(listed.map(answer => [answer.status, answer.body])).toEqual(lists.map(() => [200, []]));
  expect(missing.map(({ status }) => status)).toEqual([404, 404, 404]);
  expect(second.local.stdout).toContain(
    `1 import to ${a.url} is paused: it goes on when the service is started with DESTINATION_GITLAB_URL=${a.url} again`,
  );

  const third = await startProcess(dataDir, source, a);
  const ended = await third.api.untilEnded(importId);
  await third.local.stop('SIGTERM');

  expect(third.local.stdout).toContain('1 import goes on.');
  expect(ended).toMatchObject({ status: 'finished', has_failures: false });
  expect(
    a
      .group('imported/acme')
      ?.labels.map(({ title }) => title)
      .sort(),
  ).toEqual(['bug', 'feature']);
});
