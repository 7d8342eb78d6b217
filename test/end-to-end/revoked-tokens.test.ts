import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { forgetTokens } from '../../lambdas/api/request/token-checks.ts';
import { keys } from '../../lambdas/store/keys.ts';
import { getItem } from '../../lambdas/store/table.ts';
import type { SampleGitLab, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { refuseDocuments } from '../support/gitlab/group-document.ts';
import { isLabelWrite } from '../support/gitlab/label-writes.ts';
import { addPeople, addTree } from '../support/gitlab/source-tree.ts';
import { TOKENS, until } from '../support/service/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service/service.ts';

const REVOKED = {
  error: 'invalid_token',
  error_description: 'Token was revoked. You have to re-authorize from the user.',
};

/** Pipelines of one stage, of which the largest has six. */
const MOST_PIPELINES = 6;
/** What a pipeline asks the source for at the same time: one page. */
const SOURCE_REQUESTS = 1;
/** What it sends to the destination at the same time: a few records, or the look-ups before them. */
const DESTINATION_REQUESTS = 4;

let service: TestService;
let states: string[];
beforeAll(async () => {
  service = await startService({ withoutAcme: true, entitiesInParallel: 1 });
  addPeople(service.source);
  addPeople(service.destination);
  addTree(service.source, { levels: 2 });
  service.local.engine.observer = state => states.push(state);
});
beforeEach(() => {
  forgetTokens();
  states = [];
});
afterEach(() => {
  vi.useRealTimers();
  service.source.onRequest = undefined;
  service.destination.onRequest = undefined;
});

let lastToken = 0;

/** A token of its own for each test, since a revoked one stays revoked. */
function newToken(gitlab: SampleGitLab, username: string): string {
  lastToken += 1;
  const token = `sample-short-lived-token-${lastToken}`;
  gitlab.addToken(token, { username });
  return token;
}

describe('a token of the destination that is revoked', () => {
  it('works here for less than a minute more, then it is answered as GitLab answers it', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const token = newToken(service.destination, 'dora');
    const list = () => service.api.call('GET', '/bulk_imports', { token });
    const checked = Date.now();
    expect((await list()).status).toBe(200);

    service.destination.revokeToken(token);
    vi.setSystemTime(checked + 59_000);
    const before = await list();
    vi.setSystemTime(checked + 60_001);
    const after = await list();

    expect(before.status).toBe(200);
    expect([after.status, after.body]).toEqual([401, REVOKED]);
  });

  it('starts nothing even within the minute, and is not remembered any longer', async () => {
    const token = newToken(service.destination, 'dora');
    expect((await service.api.call('GET', '/bulk_imports', { token })).status).toBe(200);

    service.destination.revokeToken(token);
    const post = await service.api.post([{ destination_slug: 'never' }], token);
    const list = await service.api.call('GET', '/bulk_imports', { token });

    expect([post.status, post.body]).toEqual([401, REVOKED]);
    expect([list.status, list.body]).toEqual([401, REVOKED]);
    expect(service.destination.group('imported/never')).toBeUndefined();
  });
});

const isLookUp = (name: string) => (request: SampleRequest) =>
  request.path === '/api/graphql' && JSON.stringify(request.body).includes(name);
const reads = (ending: string) => (request: SampleRequest) =>
  request.method === 'GET' && request.path.endsWith(ending);
const writes = (ending: string) => (request: SampleRequest) =>
  request.method === 'POST' && request.path.endsWith(ending);
const secondGroup = (request: SampleRequest) =>
  writes('/groups')(request) && (request.body as { path: string }).path === 'platform';

/** Revokes a token when the first request arrives that a rule applies to; this one is still answered. */
function revokeAt(
  gitlab: SampleGitLab,
  token: string,
  applies: (request: SampleRequest) => boolean,
): { at: () => number | undefined } {
  let at: number | undefined;
  gitlab.onRequest = request => {
    if (at === undefined && applies(request)) {
      at = gitlab.requests.length;
      gitlab.revokeToken(token);
    }
    return undefined;
  };
  return { at: () => at };
}

describe.each([
  ['the source', 'the group is read', isLookUp('visibility')],
  ['the source', 'labels are read', reads('/labels')],
  ['the source', 'the avatar is read', reads('/avatar')],
  ['the source', 'subgroups are read', reads('/subgroups')],
  ['the destination', 'the group is created', writes('/groups')],
  ['the destination', 'a label is created', isLabelWrite],
  ['the destination', 'a board is created', isLookUp('createBoard')],
  ['the destination', 'a subgroup is created', secondGroup],
] as const)('a token of %s that is revoked while %s', (where, what, applies) => {
  it('ends the import at once, with the reason, and is not tried again and again', async () => {
    const isSource = where === 'the source';
    const gitlab = isSource ? service.source : service.destination;
    const username = isSource ? 'sofia' : 'dora';
    const token = newToken(gitlab, username);
    const slug = `${where} ${what}`.replaceAll(' ', '-');
    const { at } = revokeAt(gitlab, token, applies);
    if (/labels|subgroups/.test(what)) refuseDocuments(service.source);
    const json = service.api.request([{ destination_slug: slug }], isSource ? { access_token: token } : {});

    const post = await service.api.call('POST', '/bulk_imports', {
      json,
      token: isSource ? TOKENS.dora : token,
    });
    const importId = (post.body as { id: number }).id;
    const record = await service.api.untilEnded(importId);
    await until('the end of the workflow', () => states.includes('Finish import') || undefined);

    expect(record).toMatchObject({ status: 'failed', has_failures: true });
    const entities = await service.api.getEntities(importId);
    const ended = entities.map(({ status }) => status);
    // The first group, too: it gets its membership lock when all projects of the import have ended.
    expect(new Set(ended)).toEqual(new Set(['failed']));
    const rejections = entities
      .flatMap(({ failures }) => failures)
      .filter(failure => failure.exception_class === 'BulkImports::TokenRejectedError');
    const name = isSource ? 'source' : 'destination';
    expect(rejections.length).toBeGreaterThan(0);
    for (const { exception_message } of rejections) {
      expect(exception_message).toMatch(
        new RegExp(
          `^The ${name} GitLab does not accept the ${name} token any more \\(401.*Start a new import`,
        ),
      );
    }
    expect(await getItem(keys.secret(importId))).not.toHaveProperty('source');
    expect(states).not.toContain('Wait for GitLab');
    // Each pipeline that runs at this moment learns of it by what it has in flight, and no other pipeline begins.
    const dead = gitlab.requests.slice(at()).filter(({ status }) => status === 401);
    const most = MOST_PIPELINES * (isSource ? SOURCE_REQUESTS : DESTINATION_REQUESTS);
    expect(dead.length).toBeGreaterThan(0);
    expect(dead.length).toBeLessThanOrEqual(most);
  });
});
