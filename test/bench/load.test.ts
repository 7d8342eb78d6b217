import { describe, expect, it } from 'vitest';
import { countContents, partsOf, seed } from '../../lib/bench/load.ts';
import { chargeMutations, mutationsIn } from '../../lib/bench/mutation-latency.ts';
import { SampleGitLab, type SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';

const LABELS = `mutation($a: LabelCreateInput!, $b: LabelCreateInput!, $c: LabelCreateInput!) {
  a: labelCreate(input: $a) { errors } b: labelCreate(input: $b) { errors } c: labelCreate(input: $c) { errors } }`;

const requestWith = (path: string, query?: string): SampleRequest =>
  ({ method: 'POST', path, body: query === undefined ? {} : { query } }) as SampleRequest;

describe('the load of the benchmark', () => {
  it.each([
    [30, { labels: 20, milestones: 6, badges: 4 }],
    [1, { labels: 1, milestones: 0, badges: 0 }],
    [0, { labels: 0, milestones: 0, badges: 0 }],
    [300, { labels: 200, milestones: 60, badges: 40 }],
  ])('splits %i records as 20 labels, 6 milestones and 4 badges', (records, parts) => {
    expect(partsOf(records)).toEqual(parts);
  });

  it('has members and boards only where these are asked for', () => {
    const countOf = (contents: 'records' | 'full' | 'members') => {
      const gitlab = new SampleGitLab();
      seed(gitlab, { contents, subgroups: 2, records: 30 });
      const { boards, boardLists, members } = countContents(gitlab);
      return [boards, boardLists, members];
    };

    expect(countOf('records')).toEqual([0, 0, 0]);
    expect(countOf('members')).toEqual([0, 0, 20]);
    expect(countOf('full')).toEqual([2, 6, 20 + 2 * 2]);
  });
});

describe('the latency per mutation', () => {
  it('charges each mutation of a document behind the first one like a request', () => {
    const charge = chargeMutations(20);

    expect(charge(requestWith('/api/graphql', LABELS))).toEqual({ kind: 'delay', ms: 2 * 20 });
  });

  it('charges nothing for a single mutation, a query, or another API', () => {
    const charge = chargeMutations(20);

    expect(charge(requestWith('/api/graphql', 'mutation { a: x { errors } }'))).toBeUndefined();
    expect(charge(requestWith('/api/graphql', '{ a: x b: y c: z }'))).toBeUndefined();
    expect(charge(requestWith('/api/graphql'))).toBeUndefined();
    expect(charge(requestWith('/api/v4/groups', LABELS))).toBeUndefined();
  });

  it('takes what is no document for one without mutations', () => {
    expect(mutationsIn('mutation {')).toBe(0);
    expect(mutationsIn(undefined)).toBe(0);
  });
});
