import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { forgetTokens } from '../../lambdas/api/request/token-checks.ts';
import { ROUTES } from '../../lambdas/api/routes.ts';
import { Contract } from '../support/service/contract.ts';
import { type Case, check } from './case.ts';
import { BODIES } from './cases/bodies.ts';
import { CANCELLATIONS } from './cases/cancellations.ts';
import { configuration, ENTITY } from './cases/good-import.ts';
import { IMPORTS } from './cases/imports.ts';
import { LISTS } from './cases/lists.ts';
import { PARAMETERS } from './cases/parameters.ts';
import { PATHS } from './cases/paths.ts';
import { PLANS } from './cases/plans.ts';
import { RECORDS } from './cases/records.ts';
import { REFUSALS } from './cases/refusals.ts';
import { REPORTS } from './cases/reports.ts';
import { RETRIES } from './cases/retries.ts';
import { ACCESS, PRIVATE_ROUTES } from './cases/tokens.ts';
import { USER_MAPPINGS } from './cases/user-mappings.ts';
import { VERIFICATIONS } from './cases/verifications.ts';
import { startWorld, type World } from './world.ts';

/** In this order: what cancels comes last. */
const GROUPS = {
  ...RECORDS,
  ...REPORTS,
  ...LISTS,
  ...PATHS,
  ...ACCESS,
  ...PARAMETERS,
  ...BODIES,
  ...IMPORTS,
  ...REFUSALS,
  ...PLANS,
  ...RETRIES,
  ...USER_MAPPINGS,
  ...VERIFICATIONS,
  ...CANCELLATIONS,
};

let world: World;
let contract: Contract;
beforeAll(async () => {
  world = await startWorld();
  contract = await Contract.of(world.service.local.url);
});

describe.each(Object.entries(GROUPS))('%s', (_, cases) => {
  it.each(cases)('$it', wanted => check(wanted, contract, world));
});

describe('the limit of six new imports per minute', () => {
  const MINUTE_MS = 60_000;
  /** Well formed, and refused by the source. */
  const refused = (it: string, as: Case['as'], status: 422 | 429): Case => ({
    it,
    send: 'POST /bulk_imports',
    as: as ?? 'rosa',
    json: { configuration, entities: [{ ...ENTITY, source_full_path: 'nobody' }] },
    status,
    ...(status === 429 && {
      headers: { 'retry-after': '60' },
      body: {
        message: { error: 'This endpoint has been requested too many times. Try again later.' },
      },
    }),
  });
  const wrong = (it: string): Case => ({ it, send: 'POST /bulk_imports', as: 'rosa', json: {}, status: 400 });

  /** The first second of a minute that the other cases have not reached, and will not. */
  let minute = (Math.ceil(Date.now() / MINUTE_MS) + 10) * MINUTE_MS + 1_000;
  beforeAll(() => {
    // As when nobody sets it: the default counts.
    vi.stubEnv('IMPORTS_PER_MINUTE', '');
    vi.useFakeTimers({ toFake: ['Date'], now: minute });
  });
  afterAll(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
  });

  it.each([
    ...[1, 2, 3].map(count => wrong(`does not count the wrong request ${count}`)),
    ...[1, 2, 3, 4, 5, 6].map(count => refused(`lets the request ${count} through`, 'rosa', 422)),
    refused('refuses the seventh', 'rosa', 429),
    { ...refused('is one for plans as well', 'rosa', 429), send: 'POST /bulk_imports/plans' },
    {
      it: 'counts retries, too',
      send: 'POST /bulk_imports/{rosas}/retry',
      as: 'rosa',
      json: { configuration: { access_token: 'sample-source-owner-token' } },
      status: 429,
    },
    { ...refused('is one for verifications', 'rosa', 429), send: 'POST /bulk_imports/{rosas}/verify' },
    wrong('is checked after the parameters'),
    refused('is one per user', 'dora', 422),
    { it: 'is none on reading', send: 'GET /bulk_imports', as: 'rosa', status: 200 },
    { it: 'is none on canceling', send: 'POST /bulk_imports/999/cancel', as: 'rosa', status: 404 },
  ] satisfies Case[])('$it', wanted => check(wanted, contract, world));

  it('starts anew with the next minute', async () => {
    minute += MINUTE_MS;
    vi.setSystemTime(minute);

    await check(refused('', 'rosa', 422), contract, world);
  });
});

describe('when the destination is down,', () => {
  beforeEach(() => {
    forgetTokens();
    world.service.destination.onRequest = () => ({
      kind: 'respond',
      status: 503,
      headers: { 'retry-after': '17' },
    });
  });
  afterEach(() => {
    world.service.destination.onRequest = undefined;
  });

  it.each(PRIVATE_ROUTES)('$send is 503 with the time to wait', async ({ send }) => {
    const body = {
      message:
        'The destination GitLab could not tell whose token this is: 503. Try again when it answers again.',
    };

    await check({ it: '', send, status: 503, body, headers: { 'retry-after': '17' } }, contract, world);
  });
});

describe('when the table is lost,', () => {
  beforeEach(() => {
    vi.stubEnv('TABLE_NAME', '');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it.each(PRIVATE_ROUTES)('$send is 500 and tells no more than that', async ({ send, json }) => {
    const body = { message: '500 Internal Server Error' };

    await check({ it: '', send, ...(json !== undefined && { json }), status: 500, body }, contract, world);
  });
});

// What the cases above have not seen, so this needs all of them.
it('every answer that is described has been given, but those that only API Gateway gives', () => {
  const limited = ['create-import', 'create-plan', 'retry-import', 'verify-import'];
  const throttled = ROUTES.filter(({ handler }) => !limited.includes(handler)).map(
    ({ method, path }) => `${method} ${path} 429`,
  );

  // No part of GitLab's API: test/api/get-archive.test.ts has its answers.
  const links = [307, 404, 500, 503].map(status => `GET /archives/{token} ${status}`);

  expect(contract.unseen().sort()).toEqual(
    [...throttled, 'GET /api/v4/bulk_imports/openapi.json 500', ...links].sort(),
  );
});
