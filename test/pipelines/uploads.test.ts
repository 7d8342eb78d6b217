import { describe, expect, it } from 'vitest';
import { handler } from '../../lambdas/pipelines/uploads.ts';
import { requestsTo, setFault, throttled } from '../support/gitlab-faults.ts';
import { ACME, CORRELATION_ID, FINISHED, startBench } from '../support/pipeline-bench.ts';
import { useTableInMemory } from '../support/table-in-memory.ts';

useTableInMemory();

const BYTES = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0xff]);
const avatar = (contentType: string, bytes = BYTES) => ({
  avatar: { filename: 'picture.png', contentType, bytes },
});
const CHANGE = { method: 'PUT', path: /\/groups\/\d+$/ } as const;

describe('the uploads pipeline', () => {
  it.each([
    ['image/png', 'avatar.png'],
    ['image/jpeg', 'avatar.jpg'],
    ['Image/GIF; charset=binary', 'avatar.gif'],
    ['image/webp', 'avatar.webp'],
  ])('moves an avatar of the type %s byte by byte as %s', async (contentType, filename) => {
    const bench = await startBench();
    const group = bench.addPair(avatar(contentType));
    const migration = await bench.migration('uploads', ACME);

    const result = await migration.run(handler);

    expect(result).toEqual(FINISHED);
    expect(group.avatar?.filename).toBe(filename);
    expect(group.avatar?.bytes.equals(BYTES)).toBe(true);
    expect((await migration.tracker()).counts).toEqual({
      source: 1,
      fetched: 1,
      imported: 1,
      skipped: 0,
      failed: 0,
      skips: {},
    });
    expect((await migration.entity()).stats).toMatchObject({
      uploads: { source: 1, fetched: 1, imported: 1 },
    });
  });

  it('has nothing to do for a group without an avatar', async () => {
    const bench = await startBench();
    const group = bench.addPair({});
    const migration = await bench.migration('uploads', ACME);

    await migration.run(handler);

    expect(group.avatar).toBeUndefined();
    expect(await migration.tracker()).toMatchObject({ status: 'finished', counts: { source: 0, failed: 0 } });
    expect(await migration.failures()).toEqual([]);
  });

  it('leaves the same avatar when it runs again', async () => {
    const bench = await startBench();
    const group = bench.addPair(avatar('image/png'));
    await (await bench.migration('uploads', ACME)).run(handler);
    const before = structuredClone(group.avatar);
    const again = await bench.migration('uploads', ACME);

    await again.run(handler);

    expect(structuredClone(group.avatar)).toEqual(before);
    expect((await again.tracker()).counts).toMatchObject({ source: 1, imported: 1 });
  });

  it('goes on after an upload whose answer was lost', async () => {
    const bench = await startBench();
    const group = bench.addPair(avatar('image/png'));
    setFault(bench.destination, { ...CHANGE, nth: 1 }, { kind: 'drop-after' });
    const migration = await bench.migration('uploads', ACME);

    const result = await migration.run(handler);

    expect(result).toEqual(FINISHED);
    expect(group.avatar?.bytes.equals(BYTES)).toBe(true);
    expect((await migration.tracker()).counts).toMatchObject({ source: 1, imported: 1, failed: 0 });
  });

  it('writes down a type that GitLab does not take, without sending it', async () => {
    const bench = await startBench();
    bench.addPair(avatar('image/svg+xml'));
    const migration = await bench.migration('uploads', ACME);

    await migration.run(handler);

    expect(requestsTo(bench.destination, CHANGE)).toEqual([]);
    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        relation: 'uploads',
        step: 'transformer',
        pipelineClass: 'BulkImports::Common::Pipelines::UploadsPipeline',
        exceptionClass: 'BulkImports::Error',
        exceptionMessage: expect.stringContaining("'image/svg+xml'"),
        correlationId: CORRELATION_ID,
        sourceTitle: 'avatar',
      }),
    ]);
  });

  it.each([
    { size: 200 * 1024 + 1, step: 'loader', says: 'avatar is too big' },
    { size: 1024 * 1024 + 1, step: 'extractor', says: 'larger than 1048576 bytes' },
  ])('writes down an avatar of $size bytes in the $step', async ({ size, step, says }) => {
    const bench = await startBench();
    const group = bench.addPair({});
    const source = bench.source.group('acme');
    if (source !== undefined) source.avatar = avatar('image/png', Buffer.alloc(size)).avatar;
    const migration = await bench.migration('uploads', ACME);

    await migration.run(handler);

    expect(group.avatar).toBeUndefined();
    expect(await migration.failures()).toEqual([
      expect.objectContaining({ step, exceptionMessage: expect.stringContaining(says) }),
    ]);
  });

  it('waits when it is throttled', async () => {
    const bench = await startBench();
    const group = bench.addPair(avatar('image/png'));
    setFault(bench.source, { path: '/avatar', nth: 1 }, throttled(60));
    const migration = await bench.migration('uploads', ACME);

    const results = [await migration.run(handler), await migration.run(handler)];

    expect(results).toEqual([{ status: 'wait', waitSeconds: 60 }, FINISHED]);
    expect(group.avatar).toBeDefined();
    expect((await migration.tracker()).counts).toMatchObject({
      source: 1,
      fetched: 1,
      imported: 1,
      failed: 0,
    });
  });
});
