import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { listAuditEvents } from '../../lambdas/store/audit-events.ts';
import { keys } from '../../lambdas/store/keys.ts';
import { updateItem } from '../../lambdas/store/table-updates.ts';
import { addMember, removeMember } from '../../lib/gitlab-simulator/memberships.ts';
import type { SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { setFault } from '../support/gitlab/gitlab-faults.ts';
import type { Bench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';
import { entityOfWebIn, requestsOf, startWeb, TO_THE_END, type Web } from './web-bench.ts';

let bench: Bench;
useTableInMemory();
beforeEach(async () => {
  bench = await startWeb();
});

const isSend = ({ method, path }: SampleRequest) => method === 'POST' && path.endsWith('/import-relation');
const sends = () => bench.destination.requests.filter(isSend);
const orders = () => requestsOf(bench.source, 'POST', /\/export$/)();
const behaviour = () => bench.destination.archives.behaviour;
const there = () => {
  const project = bench.destination.project('home/web');
  if (project === undefined) throw new Error('There is no project.');
  return project;
};

/** A project that has arrived without its first issue, and a second attempt that nothing hinders. */
async function startRetried(options: Parameters<typeof startWeb>[0] = {}): Promise<Web> {
  bench = await startWeb(options);
  behaviour().failedRelations = [{ relation: 'issues', lines: [0] }];
  const web = await entityOfWebIn(bench);
  expect(await web.run(TO_THE_END)).toMatchObject({ status: 'finished', hasFailures: true });
  expect(there().issues).toHaveLength(1);
  behaviour().failedRelations = [];
  await web.retry();
  return web;
}

/** Answers the requests to send a relation, one after the other; with `undefined` GitLab answers. */
function answerSends(
  ...answers: (ReturnType<typeof refusal> | { kind: 'drop-after' | 'drop-before' } | undefined)[]
) {
  bench.destination.onRequest = request => (isSend(request) ? answers.shift() : undefined);
}
const refusal = (status: number, message: unknown, headers: Record<string, string> = {}) =>
  ({
    kind: 'respond',
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ message }),
  }) as const;

const isRepaired = async (web: Web) => {
  expect(await web.messages()).toEqual([]);
  expect(
    there()
      .issues.map(({ iid }) => iid)
      .sort(),
  ).toEqual([1, 2]);
  expect(there().members).toEqual([]);
  expect(await web.archive()).toBeUndefined();
};
/** That it was tried, why nothing came of it, and that nothing is lost. */
async function isLeftWith(web: Web, reason: RegExp, retryable: boolean) {
  const { status, projectId } = await web.entity();
  expect([status, projectId]).toEqual(['finished', there().id]);
  const failures = (await web.failures()).filter(({ relation }) => relation === 'issues');
  expect(failures.map(one => [one.sourceTitle, one.attempt, one.retryable]).sort()).toEqual([
    ['It breaks', 2, retryable],
    ['issues', 2, retryable],
  ]);
  const why = failures.find(({ sourceTitle }) => sourceTitle === 'issues');
  expect(why?.exceptionMessage).toMatch(reason);
  expect(there().issues).toHaveLength(1);
}

describe('the repair of a project', () => {
  it('orders one archive more, and sends of it no more than the relation needs', async () => {
    const web = await startRetried();
    bench.source
      .project('acme/web')
      ?.labels.push({ id: 1, title: 'new', color: '#ffffff', description: null });

    expect(await web.run(TO_THE_END)).toMatchObject({ status: 'finished' });

    await isRepaired(web);
    expect(orders()).toHaveLength(2);
    expect(sends()).toHaveLength(1);
    expect(there().labels.map(({ title }) => title)).toEqual(['bug']);
    expect((await web.entity()).stats).toMatchObject({
      issues: { source: 2, imported: 2, failed: 0 },
      labels: { source: 1, imported: 1 },
    });
  });

  it('writes down the relation that it sends', async () => {
    const web = await startRetried();
    await web.run(TO_THE_END);

    const { importId, id } = await web.entity();
    const events = await listAuditEvents(importId, id);
    expect(events.filter(({ target }) => target === 'RelationImport')).toMatchObject([
      { attempt: 2, title: 'issues', within: 'home/web', kind: 'create', result: 'created', status: 201 },
    ]);
  });

  it('sends one relation after the other, each when the one before it has ended', async () => {
    bench = await startWeb();
    behaviour().failedRelations = ['issues', 'milestones', 'merge_requests', 'ci_pipelines'].map(
      relation => ({
        relation,
        lines: [0],
      }),
    );
    const web = await entityOfWebIn(bench);
    await web.run(TO_THE_END);
    behaviour().failedRelations = [];
    const open: number[] = [];
    bench.destination.onRequest = request => {
      const states = there().relationImports.map(({ status }) => status);
      if (isSend(request))
        open.push(states.filter(state => state === 'created' || state === 'started').length);
      return undefined;
    };
    await web.retry();

    await web.run(TO_THE_END);

    await isRepaired(web);
    expect(open).toEqual([0, 0, 0, 0]);
    expect(there().relationImports.map(({ relation, status }) => [relation, status])).toEqual([
      ['milestones', 'finished'],
      ['issues', 'finished'],
      ['merge_requests', 'finished'],
      ['ci_pipelines', 'finished'],
    ]);
    expect(there().pipelines).toHaveLength(1);
  });

  it.each(['drop-after', 'drop-before'] as const)(
    'sends it once more only when its first request had no effect: %s',
    async kind => {
      vi.useFakeTimers({ toFake: ['Date'] });
      onTestFinished(() => void vi.useRealTimers());
      const web = await startRetried();
      answerSends({ kind });

      await web.run(TO_THE_END, () => vi.setSystemTime(Date.now() + 21 * 60_000));

      await isRepaired(web);
      expect(there().relationImports).toHaveLength(1);
      const { importId, id } = await web.entity();
      const events = (await listAuditEvents(importId, id)).filter(
        ({ target }) => target === 'RelationImport',
      );
      expect(events.map(({ result }) => result)).toEqual(
        kind === 'drop-after' ? ['found'] : ['not_found', 'created'],
      );
    },
  );

  it('goes on where a run has died between the request and its note', async () => {
    const web = await startRetried();
    while (sends().length === 0) await web.step({ of: TO_THE_END });
    // As it was noted before the request.
    const { importId, id, trackers } = await web.entity();
    const sent = { ...(trackers.project?.state?.sent as Record<string, unknown>), isAnswered: undefined };
    const noted = JSON.parse(JSON.stringify(sent));
    await updateItem(keys.entity(importId, id), { set: { 'trackers.project.state': { sent: noted } } });

    await web.run(TO_THE_END);

    await isRepaired(web);
    expect(sends()).toHaveLength(1);
  });

  it('waits for what somebody else imports into the project, whatever GitLab says of it', async () => {
    const web = await startRetried();
    const now = new Date().toISOString();
    const other = {
      id: 1,
      relation: 'milestones',
      status: 'started',
      createdAt: now,
      updatedAt: now,
    } as const;
    const foreign = { ...other } as { -readonly [Key in keyof typeof other]: string | number };
    there().relationImports.push(foreign as never);
    for (let run = 0; run < 12; run++) await web.step({ of: TO_THE_END });
    expect(sends()).toEqual([]);
    foreign.status = 'finished';
    answerSends(refusal(409, 'A relation import is already in progress for this project'), undefined);

    await web.run(TO_THE_END);

    await isRepaired(web);
    expect(sends()).toHaveLength(2);
  });

  it('has its turn in the limit of imports', async () => {
    const web = await startRetried();
    answerSends(refusal(429, { error: 'Too many.' }, { 'retry-after': '60' }), undefined);

    await web.run(TO_THE_END);

    await isRepaired(web);
    expect(there().relationImports).toHaveLength(1);
  });

  it('gives up after 26 hours, and leaves the project as it is', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    behaviour().relationImportStates = ['created', 'started'];
    const web = await startRetried({ archives: { relationImportStates: ['created', 'started'] } });

    await web.run(TO_THE_END, () => vi.setSystemTime(Date.now() + 2 * 3_600_000));

    await isLeftWith(web, /^For 26 hours the destination GitLab has said that it imports a relation/, true);
    expect(sends()).toHaveLength(1);
  });

  it.each<[string, ReturnType<typeof refusal>, RegExp, boolean]>([
    [
      'without the role',
      refusal(403, 'You are not authorized to perform this action'),
      /refused to import the issues.*not authorized/,
      true,
    ],
    ['where archives are no source', refusal(403, '403 Forbidden'), /allow 'GitLab export'/, true],
    [
      'for a file that is too large',
      refusal(413, 'Request Entity Too Large'),
      /refused to import.*Too Large/,
      true,
    ],
    ['for another word', refusal(400, 'Imported relation must be one of none'), /must be one of none/, true],
    ['where the flag is off', refusal(404, '404 Not Found'), /single_relation_import/, false],
    ['where it finds no such project', refusal(404, 'Project not found'), /Project not found/, true],
  ])('says why it is refused %s, and goes on', async (_, answer, reason, retryable) => {
    const web = await startRetried();
    answerSends(answer);

    await web.run(TO_THE_END);

    await isLeftWith(web, reason, retryable);
    expect(sends()).toHaveLength(1);
  });

  it('tells that GitLab has failed, and a later attempt that it has not', async () => {
    const web = await startRetried();
    behaviour().relationImportStates = ['created', 'failed'];
    await web.run(TO_THE_END);
    await isLeftWith(web, /could not import the issues of the project again/, true);
    expect(there().members).toHaveLength(1);
    behaviour().relationImportStates = ['finished'];

    await web.retry();
    await web.run(TO_THE_END);

    await isRepaired(web);
  });

  it('tells what is still missing where GitLab has ended and brought nothing', async () => {
    const web = await startRetried();
    behaviour().failedRelations = [{ relation: 'issues', lines: [0] }];

    await web.run(TO_THE_END);

    expect(await web.messages()).toEqual([expect.stringMatching(/once more, without this/)]);
    expect((await web.entity()).stats).toMatchObject({ issues: { source: 2, imported: 1, failed: 1 } });
  });

  it.each([
    ['16.10.0-ee', true],
    ['16.11.0-ee', false],
  ])('is none at GitLab %s, where no archive is ordered for it (flag %s)', async (version, isOn) => {
    const web = await startRetried({ version, archives: { relationImportEnabled: isOn } });

    await web.run(TO_THE_END);

    await isLeftWith(web, /imports no single relations.*17\.1/, false);
    expect((await web.failures()).filter(({ sourceTitle }) => sourceTitle === 'authors')).toHaveLength(1);
    expect(there().members).toEqual([]);
    expect([orders().length, sends().length]).toEqual([1, 0]);
  });

  it('is not asked for where GitLab would remove members of the project for it', async () => {
    const web = await startRetried();
    const [importer] = there().members;
    const rachel = bench.destination.addUser({ username: 'rachel' });
    const given = { userId: rachel.id, accessLevel: 30, expiresAt: null, createdById: null } as const;
    const instance = { nextId: () => Number.MAX_SAFE_INTEGER } as never;
    addMember(instance, there(), given);
    if (importer !== undefined) removeMember(there(), importer);

    await web.run(TO_THE_END);

    await isLeftWith(web, /would remove the one direct member of the project/, false);
    expect(there().members.map(({ userId }) => userId)).toEqual([rachel.id]);
    expect([orders().length, sends().length]).toEqual([1, 0]);
  });

  it('looks for members once more just before it sends', async () => {
    const web = await startRetried();
    const rachel = bench.destination.addUser({ username: 'rachel' });
    bench.source.onRequest = ({ path }) => {
      if (path.endsWith('/export/download')) {
        there().members = [];
        addMember({ nextId: () => 5 } as never, there(), {
          userId: rachel.id,
          accessLevel: 30,
          expiresAt: null,
          createdById: null,
        });
      }
      return undefined;
    };

    await web.run(TO_THE_END);

    await isLeftWith(web, /would remove the one direct member/, false);
    expect(sends()).toEqual([]);
    expect(there().members).toHaveLength(1);
  });

  it('leaves members who came after the importing user, and a project that people have changed', async () => {
    const web = await startRetried();
    const rachel = bench.destination.addUser({ username: 'rachel' });
    addMember({ nextId: () => Number.MAX_SAFE_INTEGER } as never, there(), {
      userId: rachel.id,
      accessLevel: 30,
      expiresAt: null,
      createdById: null,
    });
    Object.assign(there(), { description: 'Ours', visibility: 'private' });

    await web.run(TO_THE_END);

    expect(there().issues).toHaveLength(2);
    expect(there().members.map(({ userId }) => userId)).toEqual([rachel.id]);
    expect(there().description).toBe('Ours');
  });

  it('is made in an archived project, too, which is archived in the end and without its importer', async () => {
    bench = await startWeb();
    Object.assign(bench.source.project('acme/web') ?? {}, { archived: true });
    behaviour().failedRelations = [{ relation: 'issues', lines: [0] }];
    const web = await entityOfWebIn(bench);
    await web.run(TO_THE_END);
    behaviour().failedRelations = [];
    expect(there()).toMatchObject({ archived: true });

    await web.retry();
    await web.run(TO_THE_END);

    await isRepaired(web);
    expect(there()).toMatchObject({ archived: true });
  });

  it('makes no project anew that somebody has deleted meanwhile', async () => {
    const web = await startRetried();
    await web.step({ of: TO_THE_END });
    setFault(
      bench.destination,
      { path: /\/projects\/\d+(\/|$)/ },
      { kind: 'respond', status: 404, body: '{"message":"404 Project Not Found"}' },
    );
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());

    await web.run(TO_THE_END, () => vi.setSystemTime(Date.now() + 60_000));

    expect(await web.messages()).toContainEqual(expect.stringMatching(/of an earlier attempt.*is gone/));
    expect(requestsOf(bench.destination, 'POST', /\/projects\/import$/)()).toHaveLength(1);
    expect(sends()).toEqual([]);
  });
});
