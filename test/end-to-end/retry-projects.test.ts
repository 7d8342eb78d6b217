import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SampleGitLab, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import type { ApiClient } from '../support/service/bulk-imports-client.ts';
import { migrate, type Outcome, retry, startPair } from '../support/service/gitlab-pair.ts';
import { ACME } from '../support/service/service.ts';
import { type ServiceInMemory, startServiceInMemory } from '../support/service/service-in-memory.ts';

let service: ServiceInMemory;
let source: SampleGitLab;
let destination: SampleGitLab;
let api: ApiClient;
beforeAll(async () => {
  service = await startServiceInMemory();
});
beforeEach(async () => {
  ({ source, destination, api } = await startPair(service));
  source.addGroup({
    ...ACME,
    members: [...ACME.members],
    projects: [
      {
        name: 'App',
        path: 'app',
        description: 'Of the source',
        branches: ['main', 'next'],
        labels: [{ title: 'bug' }, { title: 'late' }],
        milestones: [{ title: '1.0' }, { title: '2.0' }],
        issues: [{ title: 'It breaks', labels: ['bug'] }, { title: 'It is slow' }, { title: 'It is loud' }],
        mergeRequests: [{ title: 'Mend it', sourceBranch: 'next' }],
        pipelines: [{ ref: 'main' }, { ref: 'next' }],
      },
    ],
  });
});

const PATH = 'imported/acme/app';
const app = () => {
  const project = destination.project(PATH);
  if (project === undefined) throw new Error('There is no project.');
  return project;
};
const fail = (...failed: { relation: string; lines: number[] }[]) => {
  destination.archives.behaviour.failedRelations = failed;
};
const isImport = ({ method, path }: SampleRequest) => method === 'POST' && path.endsWith('/import-relation');
const failuresOf = ({ failures }: Outcome) =>
  failures
    .filter(({ source_title: title }) => title !== 'authors')
    .map(({ relation, source_title: title, retryable }) => [relation, title, retryable]);
const statsOf = ({ entities }: Outcome) =>
  entities.find(({ source_full_path: path }) => path === 'acme/app')?.stats;
const sent = () => destination.requests.filter(isImport);

describe('a retry of a project of which records could not be imported', () => {
  it('has them imported, and touches nothing else of it', async () => {
    fail(
      { relation: 'issues', lines: [0, 2] },
      { relation: 'milestones', lines: [1] },
      { relation: 'ci_pipelines', lines: [1] },
    );
    const first = await migrate(api);
    expect(failuresOf(first).sort()).toEqual([
      ['ci_pipelines', 'line 2 of ci_pipelines.ndjson', true],
      ['issues', 'It breaks', true],
      ['issues', 'It is loud', true],
      ['milestones', '2.0', true],
    ]);
    expect(statsOf(first)).toMatchObject({ issues: { source: 3, imported: 1, failed: 2 } });
    const made = app();
    const kept = made.issues[0];
    Object.assign(made, { description: 'Ours', labels: made.labels.slice(0, 1) });
    fail();

    const second = await retry(api, first.record.id);

    expect(second.record).toMatchObject({ status: 'finished', attempt: 2 });
    expect(app()).toBe(made);
    expect(made.issues[0]).toBe(kept);
    expect(made.issues.map(({ iid, title }) => [iid, title])).toEqual([
      [2, 'It is slow'],
      [1, 'It breaks'],
      [3, 'It is loud'],
    ]);
    expect(made.milestones.map(({ title }) => title)).toEqual(['1.0', '2.0']);
    expect(made.pipelines).toHaveLength(2);
    expect(made).toMatchObject({ description: 'Ours', members: [] });
    expect(statsOf(second)).toMatchObject({ issues: { source: 3, imported: 3, failed: 0 } });
    expect(sent()).toHaveLength(3);
    // Somebody has removed a label meanwhile.
    expect(failuresOf(second)).toEqual([['labels', 'labels', false]]);
  });

  it('leaves what fails again, and brings the rest', async () => {
    fail({ relation: 'issues', lines: [0, 2] });
    const { record } = await migrate(api);
    fail({ relation: 'issues', lines: [2] });

    const second = await retry(api, record.id);

    expect(failuresOf(second)).toEqual([['issues', 'It is loud', true]]);
    expect(second.failures.at(-1)).toMatchObject({
      exception_message: expect.stringContaining('once more, without this'),
    });
    expect(statsOf(second)).toMatchObject({ issues: { source: 3, imported: 2, failed: 1 } });
    expect(app().members).toHaveLength(1);
    fail();
    const third = await retry(api, record.id);
    expect(failuresOf(third)).toEqual([]);
    expect(third.record).toMatchObject({ attempt: 3 });
    expect(app().members).toEqual([]);
    expect(app().issues).toHaveLength(3);
  });

  it('has imported what is named, and no more', async () => {
    fail(
      { relation: 'issues', lines: [0] },
      { relation: 'milestones', lines: [1] },
      { relation: 'labels', lines: [1] },
    );
    const { record } = await migrate(api);
    fail();
    expect(app().labels).toHaveLength(1);

    const second = await retry(api, record.id, { relations: ['issues'] });

    expect(failuresOf(second).sort()).toEqual([
      ['labels', 'late', false],
      ['milestones', '2.0', true],
    ]);
    expect(app().issues).toHaveLength(3);
    expect(app().milestones).toHaveLength(1);
  });
});
