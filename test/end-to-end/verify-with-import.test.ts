import { afterEach, describe, expect, it } from 'vitest';
import { verificationSchema } from '../../lambdas/api/answers/verification-schema.ts';
import { lastId } from '../../lambdas/store/counters.ts';
import { hasTokens } from '../../lambdas/store/sealed-tokens.ts';
import type { SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { TOKENS } from '../soak/sample-source.ts';
import type { GroupPlan } from '../soak/schedule.ts';
import { isLabelWrite } from '../support/gitlab/label-writes.ts';
import { type PlannedTree, usePlannedTrees } from '../support/service/planned-trees.ts';

const GROUP: GroupPlan = {
  labels: ['', ' b'],
  milestones: [false],
  badges: 1,
  lists: 1,
  members: 2,
  projects: 0,
  hasAvatar: false,
  isLocked: false,
  children: [],
};
const TREE: GroupPlan = { ...GROUP, children: [{ ...GROUP, isClosed: true }] };

const trees = usePlannedTrees();
let world: PlannedTree;
afterEach(() => {
  trees.service.afterWait = undefined;
});

const post = (path: string, json: object, key?: string) =>
  world.api.call('POST', path, {
    token: TOKENS.destination,
    json,
    ...(key !== undefined && { headers: { 'idempotency-key': key } }),
  });

const verification = async (importId: number) =>
  verificationSchema.parse(await world.ended(`/bulk_imports/${importId}/verification`));

/** Has each request to which a rule applies answered like this. */
const answering =
  (applies: (request: SampleRequest) => boolean, status: number) => (request: SampleRequest) =>
    applies(request)
      ? {
          kind: 'respond' as const,
          status,
          headers: { 'content-type': 'application/json' },
          body: '{"message":"Not today"}',
        }
      : undefined;

describe('an import with `verify`', () => {
  it('is verified when it has come to its end, with nobody asking again', async () => {
    world = await trees.start(TREE);

    const { record, entities } = await world.migrate({ verify: true });

    const found = await verification(record.id);
    expect(found).toMatchObject({
      bulk_import_id: record.id,
      status: 'finished',
      accuracy: 1,
      different: 0,
      missing: 0,
      unverified: 0,
    });
    expect(found.matched).toBeGreaterThan(10);
    const verified = await world.get(`/bulk_imports/${record.id}/verification/entities`);
    expect(verified).toMatchObject(entities.map(({ id }) => ({ id })));
    expect(await world.get(`/bulk_imports/${record.id}/report`)).toMatchObject({
      accuracy: 1,
      complete: true,
    });
    expect([await hasTokens(record.id), await hasTokens(found.id)]).toEqual([false, false]);
  });

  it('is shown with its verification before that begins', async () => {
    world = await trees.start(GROUP);

    const { body } = await post('/bulk_imports', world.request({ verify: true }));

    const { id } = body as { id: number };
    expect((await post(`/bulk_imports/${id}/verify`, world.request())).status).toBe(409);
    expect(await world.get(`/bulk_imports/${id}/verification`)).toMatchObject({ bulk_import_id: id });
    expect((await verification(id)).status).toBe('finished');
  });

  it('is one import with one verification when it is sent again with its key, and another without `verify`', async () => {
    world = await trees.start(GROUP);
    const request = world.request({ verify: true });

    const first = await post('/bulk_imports', request, 'verified');
    const ids = await lastId('IMPORT');
    const again = await post('/bulk_imports', request, 'verified');
    const other = await post('/bulk_imports', world.request(), 'verified');

    expect(again.body).toMatchObject({ id: (first.body as { id: number }).id });
    expect([again.status, other.status]).toEqual([201, 422]);
    expect(await lastId('IMPORT')).toBe(ids);
    await verification((first.body as { id: number }).id);
  });

  it('is not verified when it is canceled before its end', async () => {
    world = await trees.start(GROUP);
    world.source.onRequest = answering(({ path }) => path.includes('/labels'), 503);
    const { body } = await post('/bulk_imports', world.request({ verify: true }));
    const { id } = body as { id: number };

    const canceled = await post(`/bulk_imports/${id}/cancel`, {});

    expect(canceled.body).toMatchObject({ status: 'canceled' });
    const found = await verification(id);
    expect(found).toMatchObject({ status: 'canceled', accuracy: null });
    expect([await hasTokens(id), await hasTokens(found.id)]).toEqual([false, false]);
  });

  it('is planned as if it said nothing of it', async () => {
    world = await trees.start(GROUP);
    const ids = await lastId('IMPORT');

    const { plan } = await world.plan({ verify: true });
    const { record } = await world.migrate({ verify: true, plan_id: plan.id });

    expect(plan.id).toBe(ids + 1);
    expect((await verification(record.id)).accuracy).toBe(1);
  });
});

describe('a retry with `verify`', () => {
  it('is verified when the attempt has come to its end', async () => {
    world = await trees.start(GROUP);
    world.destination.onRequest = answering(isLabelWrite, 400);
    const { record } = await world.migrate({ verify: true });
    const first = await verification(record.id);
    // Two labels, and the list of one of them.
    expect(first).toMatchObject({ status: 'finished', missing: 3 });
    world.destination.onRequest = undefined;

    const { status } = await post(`/bulk_imports/${record.id}/retry`, { ...world.request(), verify: true });

    expect(status).toBe(201);
    const second = await verification(record.id);
    expect(second).toMatchObject({ status: 'finished', accuracy: 1, missing: 0 });
    expect(second.id).toBeGreaterThan(first.id);
    expect(await world.get(`/bulk_imports/${record.id}/report`)).toMatchObject({ accuracy: 1 });
    expect([await hasTokens(record.id), await hasTokens(second.id)]).toEqual([false, false]);
  });

  it('is not where there is nothing to do: nothing has changed since', async () => {
    world = await trees.start(GROUP);
    const { record } = await world.migrate({ verify: true });
    const first = await verification(record.id);

    const { status } = await post(`/bulk_imports/${record.id}/retry`, { ...world.request(), verify: true });

    expect(status).toBe(200);
    expect(await world.get(`/bulk_imports/${record.id}/verification`)).toEqual(first);
  });
});
