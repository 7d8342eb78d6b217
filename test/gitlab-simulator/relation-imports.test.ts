import { beforeAll, describe, expect, it } from 'vitest';
import type { SampleGitLab, SampleGitLabOptions } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { type Answer, call } from './api-client.ts';
import {
  at,
  exported,
  FULL_PROJECT,
  importEnd,
  startDestination,
  startSource,
  upload,
} from './archive-client.ts';

let archive: Buffer<ArrayBuffer>;
beforeAll(async () => {
  archive = await exported(await startSource());
});

function send(
  gitlab: SampleGitLab,
  relation: string,
  { user = 'olivia', path = 'target/app', filename = 'archive.tar.gz', file = archive } = {},
): Promise<Answer> {
  const form = new FormData();
  form.set('path', path);
  form.set('relation', relation);
  form.set('file', new Blob([file], { type: 'application/gzip' }), filename);
  return call(gitlab, user, 'POST', '/projects/import-relation', form);
}

const list = (gitlab: SampleGitLab, user = 'olivia') =>
  call(gitlab, user, 'GET', at('target/app', 'relation-imports'));

/** A GitLab with the project, of which these lines were left out. */
async function startImported(
  failed: { relation: string; lines: number[] }[] = [],
  options: SampleGitLabOptions = {},
): Promise<SampleGitLab> {
  const gitlab = await startDestination(options);
  gitlab.archives.behaviour.failedRelations = failed;
  await upload(gitlab, 'olivia', archive);
  await importEnd(gitlab);
  gitlab.archives.behaviour.failedRelations = [];
  return gitlab;
}

/** Imports a relation to its end. */
async function importOf(gitlab: SampleGitLab, relation: string): Promise<unknown> {
  expect((await send(gitlab, relation)).status).toBe(201);
  const states = gitlab.archives.behaviour.relationImportStates.length;
  let answer = await list(gitlab);
  for (let asked = 1; asked < states; asked += 1) answer = await list(gitlab);
  return answer.body;
}

const projectOf = (gitlab: SampleGitLab) => {
  const project = gitlab.project('target/app');
  if (project === undefined) throw new Error('There is no project.');
  return project;
};

describe('the import of a relation', () => {
  it('goes a step further with each look, and brings what is missing by its iid', async () => {
    const gitlab = await startImported([{ relation: 'issues', lines: [0] }]);
    const [kept] = projectOf(gitlab).issues;

    const begun = await send(gitlab, 'issues');
    expect([begun.status, begun.body]).toEqual([
      201,
      {
        id: expect.any(Number),
        project_path: 'target/app',
        relation: 'issues',
        status: 'created',
        created_at: expect.any(String),
        updated_at: expect.any(String),
      },
    ]);
    const states = [];
    for (let asked = 0; asked < 4; asked += 1) {
      states.push([(await list(gitlab)).body[0].status, projectOf(gitlab).issues.length]);
    }

    expect(states).toEqual([
      ['created', 1],
      ['started', 1],
      ['finished', 2],
      ['finished', 2],
    ]);
    const { issues } = projectOf(gitlab);
    expect(issues[0]).toBe(kept);
    expect(issues.map(({ iid, title, labels, milestone }) => [iid, title, labels, milestone])).toEqual([
      [2, 'Planned', [], 'Q1'],
      [1, 'Broken', ['bug', 'shared'], '1.0'],
    ]);
  });

  it.each([
    ['merge_requests', 'mergeRequests'],
    ['ci_pipelines', 'pipelines'],
    ['milestones', 'milestones'],
  ] as const)('brings %s, once', async (relation, kind) => {
    const gitlab = await startImported([
      { relation, lines: [0] },
      { relation: 'issues', lines: [0, 1] },
    ]);
    expect(projectOf(gitlab)[kind]).toHaveLength(0);

    await importOf(gitlab, relation);
    await importOf(gitlab, relation);

    expect(projectOf(gitlab)[kind].map(({ iid }) => iid)).toEqual([1]);
    expect(projectOf(gitlab).issues).toEqual([]);
  });

  it('fails to bring what it is told to, and shows that nowhere', async () => {
    const gitlab = await startImported([{ relation: 'issues', lines: [0] }]);
    gitlab.archives.behaviour.failedRelations = [{ relation: 'issues', lines: [0] }];

    expect(await importOf(gitlab, 'issues')).toMatchObject([{ status: 'finished' }]);

    expect(projectOf(gitlab).issues.map(({ title }) => title)).toEqual(['Planned']);
    // GitLab shows the failures of the import of the project, and no others: also of what has come since.
    gitlab.archives.behaviour.failedRelations = [];
    await importOf(gitlab, 'issues');
    const { body } = await call(gitlab, 'olivia', 'GET', at('target/app', 'import'));
    expect(body.failed_relations).toMatchObject([{ relation_name: 'issues', line_number: 0 }]);
  });

  it('ends as failed where it is told to, or the archive is none', async () => {
    const gitlab = await startImported([{ relation: 'issues', lines: [0] }]);
    await send(gitlab, 'issues', { file: Buffer.from('no archive') });
    for (let asked = 0; asked < 3; asked += 1) await list(gitlab);
    gitlab.archives.behaviour.relationImportStates = ['failed'];
    await send(gitlab, 'issues');

    const { body } = await list(gitlab);

    expect(body.map(({ status }: { status: string }) => status)).toEqual(['failed', 'failed']);
    expect(projectOf(gitlab).issues).toHaveLength(1);
  });

  it('removes the members of the project, unless its first one is the importer and a Maintainer', async () => {
    const gitlab = await startImported([{ relation: 'issues', lines: [0] }]);
    const project = projectOf(gitlab);
    const olivia = project.members[0];
    expect(project.members).toHaveLength(1);
    const added = {
      expiresAt: null,
      createdById: null,
      createdAt: '',
      updatedAt: '',
      accessLevel: 30,
    } as const;
    project.members.push({ ...added, id: 10 ** 15, userId: 77 });

    await importOf(gitlab, 'issues');
    expect(project.members.map(({ userId }) => userId)).toEqual([olivia?.userId, 77]);

    project.members = [{ ...added, id: 10 ** 15, userId: 77 }];
    await importOf(gitlab, 'issues');
    expect(project.members).toMatchObject([{ userId: olivia?.userId, accessLevel: 40 }]);
  });

  it.each([
    [true, FULL_PROJECT.description],
    [false, 'Ours'],
  ])('sets the attributes of the project as older versions do: %s', async (isOld, description) => {
    const gitlab = await startImported([], { archives: { relationImportsSetAttributes: isOld } });
    projectOf(gitlab).description = 'Ours';

    await importOf(gitlab, 'issues');

    expect(projectOf(gitlab).description).toBe(description);
  });
});

describe('the import of a relation is refused', () => {
  const refusal = ({ status, body }: Answer) => [status, body.message ?? body];

  it('where there is none: before 16.11, and without its flag before 17.1', async () => {
    const old = await startImported([], { version: '16.10.0-ee' });
    // Without the endpoint it is the path of a project, which takes other methods.
    expect([refusal(await send(old, 'issues')), refusal(await list(old))]).toEqual([
      [405, { error: '405 Not Allowed' }],
      [404, { error: '404 Not Found' }],
    ]);
    for (const [version, status] of [
      ['16.11.0-ee', 404],
      ['17.0.0-ee', 404],
      ['17.1.0-ee', 201],
    ] as const) {
      const gitlab = await startImported([], { version, archives: { relationImportEnabled: false } });
      expect([version, (await send(gitlab, 'issues')).status]).toEqual([version, status]);
      expect((await list(gitlab)).status).toBe(status === 404 ? 404 : 200);
    }
    const flagged = await startImported([], { version: '16.11.0-ee' });
    expect((await send(flagged, 'issues')).status).toBe(201);
  });

  it('without a parameter, or with a file that is no archive by its name', async () => {
    const gitlab = await startImported();
    const form = new FormData();
    form.set('file', new Blob([archive]), 'archive.tar.gz');

    const { status, body } = await call(gitlab, 'olivia', 'POST', '/projects/import-relation', form);

    expect([status, body]).toEqual([400, { error: 'path is missing, relation is missing' }]);
    expect(gitlab.takeUndeclared()).toHaveLength(2);
    expect(refusal(await send(gitlab, 'issues', { filename: 'archive.tar' }))[0]).toBe(422);
  });

  it('of another relation, into another project, or by somebody else', async () => {
    const gitlab = await startImported();

    expect(refusal(await send(gitlab, 'labels'))).toEqual([
      400,
      'Imported relation must be one of issues, merge_requests, milestones, or ci_pipelines',
    ]);
    const id = String(gitlab.project('target/app')?.id);
    for (const path of ['target/other', id])
      expect(refusal(await send(gitlab, 'issues', { path }))).toEqual([404, 'Project not found']);
    expect(refusal(await send(gitlab, 'issues', { user: 'gus' }))).toEqual([
      403,
      'You are not authorized to perform this action',
    ]);
    expect((await list(gitlab, 'gus')).status).toBe(403);
  });

  it('where archives are no source of imports', async () => {
    const gitlab = await startImported();
    gitlab.archives.behaviour.importSourceEnabled = false;

    expect(refusal(await send(gitlab, 'issues'))).toEqual([403, '403 Forbidden']);
  });

  it('while another one has started, and not while one is only created', async () => {
    const gitlab = await startImported();
    await send(gitlab, 'issues');
    expect((await send(gitlab, 'milestones')).status).toBe(201);
    await list(gitlab);
    await list(gitlab);

    expect(refusal(await send(gitlab, 'issues'))).toEqual([
      409,
      'A relation import is already in progress for this project',
    ]);
    await list(gitlab);
    expect((await send(gitlab, 'issues')).status).toBe(201);
  });

  it('while the project itself is imported', async () => {
    const gitlab = await startDestination();
    await upload(gitlab, 'olivia', archive);

    expect(refusal(await send(gitlab, 'issues'))[0]).toBe(400);
    await call(gitlab, 'olivia', 'GET', at('target/app', 'import'));
    await call(gitlab, 'olivia', 'GET', at('target/app', 'import'));
    expect(refusal(await send(gitlab, 'issues'))[0]).toBe(409);
  });

  it('by more than six a minute, together with the imports of projects', async () => {
    const gitlab = await startImported([], { endpointRateLimits: true });
    for (let sent = 0; sent < 5; sent += 1) await send(gitlab, 'labels');

    expect((await send(gitlab, 'issues')).status).toBe(429);
    expect((await upload(gitlab, 'olivia', archive)).status).toBe(429);
  });
});
