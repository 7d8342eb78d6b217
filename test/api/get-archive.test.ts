import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../lambdas/api/endpoints/get-archive.ts';
import { logger } from '../../lambdas/platform/logger.ts';
import { createLink, revokeLinks } from '../../lambdas/store/archive-links.ts';
import { changeArchive, findArchive, newArchive, putArchive } from '../../lambdas/store/archives.ts';
import { createEntity } from '../../lambdas/store/entities.ts';
import { keys } from '../../lambdas/store/keys.ts';
import { deleteItem } from '../../lambdas/store/table.ts';
import { collectMetrics, readable } from '../support/service/emitted-metrics.ts';
import { newId } from '../support/table/new-id.ts';
import { newEntity } from '../support/table/records.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

useTableInMemory();
const lines = collectMetrics('links');

const NOT_FOUND = { statusCode: 404, body: '{"message":"404 Not Found"}' };

beforeEach(() => {
  vi.stubEnv('ARCHIVES_BUCKET', 'the-archives');
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  lines.length = 0;
});
afterEach(() => {
  vi.unstubAllEnvs();
});

async function linked() {
  const importId = newId();
  await createEntity(newEntity({ importId, id: 3, sourceType: 'project_entity' }));
  const record = await putArchive(newArchive(importId, 3));
  await changeArchive(record, { archive: { key: record.key, version: 'v 1', bytes: 7 } });
  const token = (await createLink(record)) ?? '';
  return { record, token };
}

interface Answer {
  statusCode: number;
  headers: Record<string, string>;
  body?: string;
}

const fetched = (token: string, method = 'GET') =>
  (handler as unknown as (event: unknown) => Promise<Answer>)({
    rawPath: `/archives/${token}`,
    pathParameters: { token },
    headers: {},
    requestContext: { http: { method }, requestId: 'the-request' },
  });

describe('a link to an archive', () => {
  it.each(['GET', 'HEAD'])(
    'leads %s to a URL of this version in this region, signed for 5 minutes',
    async method => {
      const { record, token } = await linked();
      const { statusCode, headers, body } = await fetched(token, method);
      const url = new URL(headers.location ?? '');

      expect(statusCode).toBe(307);
      expect(body).toBeUndefined();
      expect(headers['cache-control']).toBe('no-store');
      expect(url.host).toBe('the-archives.s3.eu-central-1.amazonaws.com');
      expect(url.pathname).toBe(`/${record.key}`);
      expect(url.searchParams.get('versionId')).toBe('v 1');
      expect(url.searchParams.get('X-Amz-Expires')).toBe('300');
      expect([...url.searchParams.keys()].filter(name => /checksum/i.test(name))).toEqual([]);
    },
  );

  it('has a signature for HEAD that is not the one for GET', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 });
    const { token } = await linked();
    const [get, head] = [await fetched(token), await fetched(token, 'HEAD')].map(({ headers }) =>
      new URL(headers.location ?? '').searchParams.get('X-Amz-Signature'),
    );
    vi.useRealTimers();

    expect(get).not.toBe(head);
  });

  it('is counted and logged by method, without its token', async () => {
    const output = vi.spyOn(logger, 'info');
    const { record, token } = await linked();
    await fetched(token, 'HEAD');

    expect(readable(lines)).toEqual(['ArchiveFetches{Method=HEAD}: 1']);
    expect(output.mock.calls).toEqual([
      ['archive_fetched', { importId: record.importId, entityId: 3, method: 'HEAD' }],
    ]);
  });

  it('answers the same whether it is unknown, malformed, revoked, over, or its archive gone', async () => {
    const revoked = await linked();
    await revokeLinks((await findArchive(revoked.record.importId, 3)) ?? revoked.record);
    const gone = await linked();
    await deleteItem(keys.archive(gone.record.importId, 3));
    const over = await linked();
    const answers = [
      await fetched('a'.repeat(43)),
      await fetched('../../etc/passwd'),
      await fetched(revoked.token),
      await fetched(gone.token),
    ];
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3 * 24 * 3600_000 + 1000 });
    answers.push(await fetched(over.token));
    vi.useRealTimers();

    for (const answer of answers) {
      expect(answer).toMatchObject(NOT_FOUND);
      expect(answer).toEqual(answers[0]);
    }
    expect(lines).toEqual([]);
  });

  it('leads nowhere on a laptop, which has no URL to give', async () => {
    vi.stubEnv('ARCHIVES_BUCKET', '');
    vi.stubEnv('ARCHIVES_FOLDER', '/nowhere');

    expect(await fetched((await linked()).token)).toMatchObject(NOT_FOUND);
  });
});
