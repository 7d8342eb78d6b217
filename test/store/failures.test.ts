import { expect, it } from 'vitest';
import {
  countFailures,
  deleteFailure,
  listFailures,
  listResolvedFailures,
  putFailure,
  resolveFailure,
} from '../../lambdas/store/failures.ts';
import { keys } from '../../lambdas/store/keys.ts';
import { putNewItem } from '../../lambdas/store/table.ts';
import { newFailure } from '../support/table/records.ts';
import { useTestTable } from '../support/table/test-table.ts';

useTestTable();

it('reads a failure as it was written', async () => {
  const failure = newFailure({ sourceUrl: 'https://gitlab.example/x', step: null });

  await putFailure(failure);

  expect(await listFailures(failure.importId, failure.entityId)).toEqual([failure]);
});

it('reads a failure from before attempts, and whether another helps, were kept', async () => {
  const { attempt: _, retryable: __, ...older } = newFailure();
  const { importId, entityId, key } = older;
  await putNewItem({ ...keys.failure(importId, entityId, key), v: 1, ...older });

  expect(await listFailures(importId, entityId)).toEqual([{ ...older, attempt: 1, retryable: true }]);
});

it('keeps the first of two failures with the same key', async () => {
  const failure = newFailure();
  await putFailure(failure);

  await putFailure({ ...failure, exceptionMessage: 'once more' });
  await Promise.all(Array.from({ length: 5 }, () => putFailure(failure)));

  expect(await listFailures(failure.importId, failure.entityId)).toEqual([failure]);
});

it('replaces a failure of an earlier attempt, and none of the same or a later one', async () => {
  const first = newFailure();
  await putFailure(first);
  const second = { ...first, attempt: 2, exceptionMessage: 'Still refused.' };

  const written = [
    await putFailure(second),
    await putFailure({ ...second, exceptionMessage: 'once more' }),
    await putFailure({ ...first, exceptionMessage: 'late' }),
  ];

  expect(written).toEqual([true, false, false]);
  expect(await listFailures(first.importId, first.entityId)).toEqual([second]);
});

it('lists a failure that was overcome among those, and no longer as open', async () => {
  const [overcome, open] = [newFailure({ key: '1#labels#a' }), newFailure({ key: '1#labels#b' })];
  const ids = { importId: overcome.importId, entityId: overcome.entityId };
  await putFailure(overcome);
  await putFailure({ ...open, ...ids });

  await resolveFailure(overcome, 2);
  await resolveFailure(overcome, 2);

  expect(await listFailures(ids.importId, ids.entityId)).toEqual([{ ...open, ...ids }]);
  expect(await countFailures(ids.importId, ids.entityId, {})).toMatchObject({ count: 1 });
  expect(await listResolvedFailures(ids.importId, ids.entityId)).toEqual([
    { ...overcome, resolvedAttempt: 2 },
  ]);
  expect(await listResolvedFailures(ids.importId, ids.entityId, '1#boards#')).toEqual([]);
});

it('lists and counts failures by key, of this entity only, from any of them on', async () => {
  const failure = newFailure();
  const { importId, entityId } = failure;
  const late = '2026-02-02T00:00:00.000Z';
  await putFailure({ ...failure, key: 'a', createdAt: late });
  await putFailure({ ...failure, key: 'c' });
  await putFailure({ ...failure, key: 'b' });
  await putFailure(newFailure({ importId }));
  await putFailure(newFailure({ importId, entityId: entityId * 10 }));

  const listed = await listFailures(importId, entityId);

  expect(listed.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
  const some = await listFailures(importId, entityId, { after: 'a', limit: 1 });
  expect(some.map(({ key }) => key)).toEqual(['b']);
  expect(await countFailures(importId, entityId, {})).toEqual({ count: 3, last: undefined });
  expect(await countFailures(importId, entityId, { limit: 2 })).toEqual({ count: 2, last: 'b' });
  expect(await countFailures(importId, entityId, { limit: 0 })).toEqual({ count: 0, last: undefined });
  expect(await countFailures(importId, entityId, { after: 'b' })).toEqual({ count: 1, last: undefined });
});

it('takes a failure back, and lets it come again', async () => {
  const failure = newFailure();
  const { importId, entityId, key } = failure;
  await putFailure(failure);

  await deleteFailure(importId, entityId, key);
  await deleteFailure(importId, entityId, key);
  expect(await listFailures(importId, entityId)).toEqual([]);

  await putFailure(failure);
  expect(await listFailures(importId, entityId)).toHaveLength(1);
});

it('keeps so much of a failure as is shown, so that no text of a GitLab is too long for an item', async () => {
  const long = '😀'.repeat(250_000);
  const failure = newFailure({
    exceptionMessage: `x${long}`,
    sourceTitle: long,
    sourceUrl: `https://${long}`,
  });

  await putFailure(failure);

  const [kept] = await listFailures(failure.importId, failure.entityId);
  expect(kept).toMatchObject({ sourceTitle: '😀'.repeat(127), sourceUrl: null });
  expect(kept?.exceptionMessage).toBe(`x${'😀'.repeat(127)}`);
});

it('is loud about a failure of a version that is not known', async () => {
  const failure = newFailure();
  const { importId, entityId, key } = failure;
  await putNewItem({ ...keys.failure(importId, entityId, key), ...failure, v: 2 });

  await expect(listFailures(importId, entityId)).rejects.toThrow(/"v"/);
});
