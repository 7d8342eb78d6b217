import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../lambdas/api/endpoints/create-import.ts';
import { forgetTokens } from '../../lambdas/api/request/token-checks.ts';
import type { SampleGitLab, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { TOKENS } from '../support/service/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service/service.ts';
import { scanTable } from '../support/table/stored-records.ts';

/** What a request has for both GitLabs together, of the 30 s that API Gateway gives it. */
const CHECKS_MS = 20_000;
const TOO_SLOW = {
  message:
    'The checks of the source and the destination took longer than 20 seconds, so nothing was started. Try again, or send fewer entities per request.',
};

let service: TestService;
beforeAll(async () => {
  service = await startService();
  // What is started does not run, so that nothing but the checks asks the GitLabs.
  vi.spyOn(service.local.engine, 'start').mockResolvedValue(true);
});
beforeEach(() => {
  forgetTokens();
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  service.source.onRequest = undefined;
  service.destination.onRequest = undefined;
  vi.useRealTimers();
});

/** Lets requests to a GitLab take this long, by the clock only. @returns when each of them began, ms after now */
function slowDown(gitlab: SampleGitLab, durationOf: (request: SampleRequest) => number): number[] {
  const now = Date.now();
  const begins: number[] = [];
  gitlab.onRequest = request => {
    begins.push(Date.now() - now);
    vi.setSystemTime(Date.now() + durationOf(request));
    return undefined;
  };
  return begins;
}

const imports = async () => (await scanTable()).filter(({ sk }) => sk === 'IMPORT').length;
const tellsTheUser = ({ path }: SampleRequest) => (path === '/api/v4/user' ? 7_500 : 0);
const isLookUp = ({ body }: SampleRequest) => JSON.stringify(body ?? '').includes('fullPath');

describe('the token and the checks share 20 seconds:', () => {
  it('no GitLab is asked later, and nothing is started', async () => {
    const stored = await imports();
    const atDestination = slowDown(service.destination, tellsTheUser);
    const atSource = slowDown(service.source, () => 4_000);

    const { status, body } = await service.api.post([{ destination_slug: 'slow' }]);

    expect([status, body]).toEqual([422, TOO_SLOW]);
    const begins = [...atDestination, ...atSource];
    expect(Math.max(...begins)).toBeGreaterThan(CHECKS_MS / 2);
    expect(Math.max(...begins)).toBeLessThan(CHECKS_MS);
    expect(await imports()).toBe(stored);
    expect(service.destination.group('imported/slow')).toBeUndefined();
  });

  it('a pair of GitLabs that is a little faster is asked everything', async () => {
    slowDown(service.destination, tellsTheUser);
    slowDown(service.source, () => 2_400);

    expect((await service.api.post([{ destination_slug: 'faster' }])).status).toBe(201);
  });
});

it('what both GitLabs say to projects is left to their first stage when the time is over', async () => {
  const { source, destination } = service;
  source.addGroup({
    name: 'Team',
    path: 'team',
    members: [{ username: 'sofia', accessLevel: 40 }],
    projects: [{ name: 'App', path: 'app' }],
  });
  source.archives.behaviour.exportEnabled = false;
  destination.archives.behaviour.importSourceEnabled = false;
  // The last of the other checks.
  slowDown(destination, ({ body }) => (JSON.stringify(body ?? '').includes('imported/late') ? CHECKS_MS : 0));
  const late = { source_type: 'project_entity', source_full_path: 'team/app', destination_slug: 'late' };

  expect((await service.api.post([late])).status).toBe(201);

  const looks = [...source.requests, ...destination.requests].filter(({ path }) =>
    /\/(export|remote-import)$/.test(path),
  );
  expect(looks).toEqual([]);
  expect((await service.api.post([{ ...late, destination_slug: 'early' }])).status).toBe(422);
});

describe('the time began when API Gateway got the request', () => {
  /** Invokes the function itself, `late` ms after the request arrived. */
  async function post(late: number, slug: string) {
    const event = {
      rawPath: '/api/v4/bulk_imports',
      rawQueryString: '',
      headers: { 'private-token': TOKENS.dora, 'content-type': 'application/json' },
      body: JSON.stringify(service.api.request([{ destination_slug: slug }])),
      requestContext: { http: { method: 'POST' }, timeEpoch: Date.now() - late, requestId: slug },
    };
    const invoke = handler as unknown as (
      event: unknown,
      context: unknown,
    ) => Promise<{ statusCode: number }>;
    return (await invoke(event, { getRemainingTimeInMillis: () => 29_000 })).statusCode;
  }

  it.each([
    ['at once', 0, 8_000, 201],
    ['after a start of 9 s', 9_000, 8_000, 422],
    ['after a start, by a clock that is an hour behind', 3_600_000, 8_000, 422],
    ['by a clock that is ahead', -3_600_000, 8_000, 201],
    ['by a clock that is ahead, when more time is needed', -3_600_000, 11_000, 422],
  ])('%s', async (_, late, duration, status) => {
    // Between its version and the look-up the source is asked for other things, all at the same time.
    const begins = slowDown(service.source, request =>
      request.path === '/api/v4/version' || isLookUp(request) ? duration : 0,
    );

    expect(await post(late, `slug-${duration}-${Math.abs(late)}`)).toBe(status);
    expect(Math.max(...begins)).toBeLessThan(CHECKS_MS - Math.min(Math.max(late, 0), 10_000));
  });
});
