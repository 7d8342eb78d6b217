import { beforeAll, expect, it } from 'vitest';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { addLongLists, LONG_LISTS } from '../support/gitlab/long-lists.ts';
import { startProcess } from '../support/processes/process.ts';
import { until, untilQuiet } from '../support/service/bulk-imports-client.ts';
import { startDestination, startSource, temporaryFolder } from '../support/service/service.ts';

let source: SampleGitLab;
let destination: SampleGitLab;
beforeAll(async () => {
  [source, destination] = await Promise.all([startSource(), startDestination()]);
  addLongLists(source);
});

it('a service that is killed right after a cancel does not go on with the import after the next start', async () => {
  const dataDir = await temporaryFolder();
  const first = await startProcess(dataDir, source, destination);
  let held = false;
  destination.onRequest = request => {
    if (!LONG_LISTS.labels.isWritten(request)) return undefined;
    held = true;
    return { kind: 'hang' };
  };
  const importId = await first.api.start([{ source_full_path: 'long', destination_slug: 'killed' }]);
  await until('the first label', () => held || undefined);

  const { status } = await first.api.call('POST', `/bulk_imports/${importId}/cancel`);
  await first.local.stop('SIGKILL');
  destination.onRequest = undefined;
  const requests = [source.requests.length, destination.requests.length];
  const second = await startProcess(dataDir, source, destination);
  const record = await second.api.getImport(importId);
  const entities = await second.api.getEntities(importId);
  await untilQuiet(destination);
  await second.local.stop('SIGTERM');

  expect(status).toBe(200);
  expect(record.status).toBe('canceled');
  expect(entities.map(entity => entity.status)).toEqual(['canceled']);
  // The caller's token is looked up, and nothing else is asked.
  const after = destination.requests.slice(requests[1]).map(({ path }) => path);
  expect(after.sort()).toEqual(['/api/v4/personal_access_tokens/self', '/api/v4/user']);
  expect(source.requests).toHaveLength(requests[0] ?? 0);
  expect(destination.group('imported/killed')?.labels).toEqual([]);
});
