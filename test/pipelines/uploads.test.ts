import { describe, expect, it } from 'vitest';
import { uploads } from '../../lambdas/pipelines/uploads.ts';
import { requestsTo, setFault } from '../support/gitlab/gitlab-faults.ts';
import { ACME, CORRELATION_ID, FINISHED, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const handler = handlerOf(uploads);

useTableInMemory();

const BYTES = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0xff]);
const avatar = (contentType: string, bytes = BYTES) => ({
  avatar: { filename: 'picture.png', contentType, bytes },
});
const CHANGE = { method: 'PUT', path: /\/groups\/\d+$/ } as const;

describe('the uploads pipeline', () => {
  it.each([
    ['PNG', '89504e470d0a1a0a0000', 'avatar.png', 'image/png'],
    ['JPEG', 'ffd8ffe000104a464946', 'avatar.jpg', 'image/jpeg'],
    ['GIF', '474946383961ffff', 'avatar.gif', 'image/gif'],
    ['old GIF', '474946383761ffff', 'avatar.gif', 'image/gif'],
    ['BMP', '424d36000000000000', 'avatar.bmp', 'image/bmp'],
    ['TIFF', '49492a0008000000', 'avatar.tiff', 'image/tiff'],
    ['TIFF of a Mac', '4d4d002a00000008', 'avatar.tiff', 'image/tiff'],
    ['ICO', '00000100010010100000', 'avatar.ico', 'image/vnd.microsoft.icon'],
    ['WebP', '524946460a0d0a2057454250', 'avatar.webp', 'image/webp'],
  ])('moves a %s byte by byte, whatever the source says of its type', async (_, hex, filename, type) => {
    const bytes = Buffer.from(hex, 'hex');
    const bench = await startBench();
    const group = bench.addPair(avatar('application/octet-stream', bytes));
    const migration = await bench.migration('uploads', ACME);

    const result = await migration.run(handler);

    expect(result).toEqual(FINISHED);
    expect(group.avatar).toEqual({ filename, contentType: type, bytes });
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

  it.each([
    ['an SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['a page', '<!doctype html><title>Sign in</title>'],
    ['nothing', ''],
  ])('writes down %s as an avatar, without sending it', async (_, text) => {
    const bench = await startBench();
    bench.addPair(avatar('image/png', Buffer.from(text)));
    const migration = await bench.migration('uploads', ACME);

    await migration.run(handler);

    expect(requestsTo(bench.destination, CHANGE)).toEqual([]);
    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        relation: 'uploads',
        step: 'transformer',
        pipelineClass: 'BulkImports::Common::Pipelines::UploadsPipeline',
        exceptionClass: 'BulkImports::Error',
        exceptionMessage: expect.stringContaining('is no PNG'),
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
    if (source !== undefined) source.avatar = avatar('image/png', Buffer.concat([BYTES], size)).avatar;
    const migration = await bench.migration('uploads', ACME);

    await migration.run(handler);

    expect(group.avatar).toBeUndefined();
    expect(await migration.failures()).toEqual([
      expect.objectContaining({ step, exceptionMessage: expect.stringContaining(says) }),
    ]);
  });

  it('says so when the destination shows no avatar after it has taken one', async () => {
    const bench = await startBench();
    bench.addPair(avatar('image/png'));
    const shown = { id: 1, name: 'Acme', path: 'acme', full_path: 'acme', visibility: 'private' };
    const body = JSON.stringify({ ...shown, parent_id: null, avatar_url: null });
    setFault(bench.destination, CHANGE, { kind: 'respond', status: 200, body });
    const migration = await bench.migration('uploads', ACME);

    await migration.run(handler);

    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        step: 'loader',
        exceptionClass: 'BulkImports::UnsupportedByDestinationError',
        sourceTitle: 'avatar',
      }),
    ]);
  });
});
