import { beforeEach, describe, expect, it } from 'vitest';
import { firstPlan, groupDocument } from '../../lambdas/gitlab/api/group-read-plan.ts';
import { TemporaryError } from '../../lambdas/gitlab/errors.ts';
import type { Fault } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { errorOf } from '../support/gitlab/gitlab-client.ts';
import { ALL, allBut, partsOf, QUERY, startReadable } from './readable-group.ts';

let acme: Awaited<ReturnType<typeof startReadable>>;
async function start(...how: Parameters<typeof startReadable>) {
  acme = await startReadable(...how);
}
beforeEach(() => start());

/** Answers requests for this with the error, as a GitLab does that cannot do it. */
function refusing(isRefused: (query: string) => boolean, fault: Fault): void {
  acme.gitlab.onRequest = ({ body }) =>
    isRefused(String((body as { query?: string } | undefined)?.query ?? '')) ? fault : undefined;
}
const graphqlErrors = (message: string, path?: unknown[]): Fault => ({
  kind: 'respond',
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ errors: [{ message, ...(path && { path }) }] }),
});
const TOO_COMPLEX = graphqlErrors('Query has complexity of 260, which exceeds max complexity of 250');
const COMPUTING: Fault = { kind: 'respond', status: 500, body: '{"message":"500 Internal Server Error"}' };

describe('a GitLab that refuses the document', () => {
  it('for its cost gets two, from then on', async () => {
    refusing(query => query.includes('groupMembers(') && query.includes('milestones('), TOO_COMPLEX);

    expect(partsOf(await acme.read())).toEqual(ALL);
    expect(acme.requests()).toEqual([QUERY, QUERY, QUERY]);
    acme.gitlab.requests.length = 0;

    expect(partsOf(await acme.read())).toEqual(ALL);
    expect(acme.requests()).toEqual([QUERY, QUERY]);
  });

  it('and its halves for their cost is read singly', async () => {
    refusing(query => query.includes('first: 100'), TOO_COMPLEX);

    expect(partsOf(await acme.read())).toEqual(['attributes']);
  });

  it.each([
    ['a field of boards', "Field 'weight' doesn't exist on type 'Board'", allBut('boards')],
    ['a field of lists', "Field 'iteration' doesn't exist on type 'BoardList'", allBut('boards')],
    ['subgroups', "Field 'descendantGroups' doesn't exist on type 'Group'", allBut('subgroups')],
    ['plans', "Field 'epicsEnabled' doesn't exist on type 'Group'", allBut('hasPremium')],
    ['something else', "Field 'labels' doesn't accept argument 'onlyGroupLabels'", ['attributes']],
  ])('because it does not know %s is read without it, from then on', async (_, message, parts) => {
    const field = /'(\w+)'/.exec(message)?.[1] ?? '';
    refusing(query => new RegExp(`\\b${field}\\b`).test(query), graphqlErrors(message));

    expect(partsOf(await acme.read())).toEqual(parts);
    expect(acme.requests()).toEqual([QUERY, QUERY]);
    acme.gitlab.requests.length = 0;

    expect(partsOf(await acme.read())).toEqual(parts);
    expect(acme.requests()).toEqual([QUERY]);
  });

  it('of which it is not known that it is a Community Edition is not asked for boards again', async () => {
    await start({ version: '17.11.2', edition: 'free' }, {});
    acme.wanted.version = '17.11.2-custom';

    expect(partsOf(await acme.read())).toEqual(allBut('boards', 'hasPremium'));
    expect(acme.gitlab.takeUndeclared().join()).toContain("doesn't exist on type 'Board'");
  });
});

describe('trouble', () => {
  it('of a GitLab that cannot compute the document makes it smaller, for this group', async () => {
    refusing(query => query.includes('groupMembers(') && query.includes('milestones('), COMPUTING);

    expect(partsOf(await acme.read())).toEqual(ALL);
    acme.gitlab.onRequest = undefined;
    acme.gitlab.requests.length = 0;

    await acme.read();
    expect(acme.requests()).toEqual([QUERY]);
  });

  /** Answers as it would, with another body. */
  // biome-ignore lint/suspicious/noExplicitAny: the body is one of many shapes
  function changing(change: (body: any) => void): void {
    acme.gitlab.onRequest = () => ({
      kind: 'change',
      change: answer => {
        const body = JSON.parse(String(answer.body));
        change(body);
        return { ...answer, body: JSON.stringify(body) };
      },
    });
  }

  it.each([null, { nodes: [], pageInfo: { hasNextPage: false } }])(
    'with one part, here %o, leaves that to a single read',
    async boards => {
      changing(body => {
        body.data.group.boards = boards;
        body.errors = [{ message: 'Internal server error', path: ['group', 'boards', 'nodes'] }];
      });

      expect(partsOf(await acme.read())).toEqual(allBut('boards'));
      expect(acme.requests()).toEqual([QUERY]);
    },
  );

  it('with a part of another shape leaves that to a single read', async () => {
    changing(body => {
      body.data.group.labels.nodes[0].color = 7;
    });

    expect(partsOf(await acme.read())).toEqual(allBut('labels'));
  });

  it.each([
    ['an outage', { kind: 'respond', status: 502 }, TemporaryError],
    ['a limit', { kind: 'respond', status: 429 }, TemporaryError],
    ['a closed gateway', { kind: 'respond', status: 404, body: '{"error":"404 Not Found"}' }, Error],
  ] as [string, Fault, typeof Error][])('such as %s is passed on', async (_, fault, Kind) => {
    acme.gitlab.onRequest = () => fault;

    expect(await errorOf(acme.read())).toBeInstanceOf(Kind);
    const queries = acme.gitlab.requests.map(({ body }) => (body as { query: string }).query);
    expect(new Set(queries)).toEqual(
      new Set([groupDocument(firstPlan(acme.wanted.version).documents[0] ?? [], true)]),
    );
  });
});
