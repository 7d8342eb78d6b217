import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SampleProjectSeed } from '../../lib/gitlab-simulator/project-model.ts';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { call } from './api-client.ts';
import {
  at,
  exported,
  FULL_PROJECT,
  importEnd,
  startArchiveHost,
  startDestination,
  startSource,
  upload,
} from './archive-client.ts';

/** Moves the project from one GitLab to the other, as the same user at both, and gives it as it is there. */
async function moved(
  source: SampleGitLab,
  destination: SampleGitLab,
  user = 'olivia',
  fields: Record<string, string> = {},
) {
  const { status } = await upload(destination, user, await exported(source, user), fields);
  expect(status).toBe(201);
  const end = await importEnd(destination, user);
  expect(end).toMatchObject({ import_status: 'finished', import_error: null });
  const project = destination.project('target/app');
  if (!project) throw new Error('there is no project');
  return { project, end };
}

async function bothStarted() {
  return Promise.all([startSource(), startDestination()]);
}

/** Everything of a record but its id, which is another one. */
const withoutIds = (records: readonly object[]) => records.map(record => ({ ...record, id: undefined }));

describe('a project that is moved by its archive', () => {
  it('has every kind of record, under ids of its own', async () => {
    const [source, destination] = await bothStarted();
    const original = source.project('group/app');
    const olivia = destination.userId('olivia');

    const { project } = await moved(source, destination);

    if (!original) throw new Error('there is no original');
    for (const kind of ['labels', 'milestones', 'pipelines', 'snippets'] as const) {
      expect([kind, withoutIds(project[kind])]).toEqual([
        kind,
        withoutIds([
          ...original[kind],
          ...(kind === 'labels' ? [sharedLabel] : kind === 'milestones' ? [quarter] : []),
        ]),
      ]);
      const ids = new Set<number>(original[kind].map(({ id }) => id));
      expect(project[kind].filter(({ id }) => ids.has(id))).toEqual([]);
    }
    for (const kind of [
      'releases',
      'protectedBranches',
      'protectedTags',
      'branches',
      'tags',
      'wikiPages',
      'lfsObjects',
      'uploads',
    ] as const) {
      expect(original[kind].length).toBeGreaterThan(0);
      expect([kind, project[kind]]).toEqual([kind, original[kind]]);
    }
    for (const kind of ['issues', 'mergeRequests'] as const) {
      expect(withoutIds(project[kind])).toEqual(
        original[kind].map(record => ({
          ...record,
          id: undefined,
          authorId: olivia,
          notes: record.notes.map(note => ({ ...note, authorId: olivia })),
        })),
      );
    }
    expect(project.avatar).toEqual(original.avatar);
    expect(project.defaultBranch).toBe('main');
    expect([project.variables, project.hooks]).toEqual([[], []]);
  });

  it('has its large files, which count as they did and cannot be exported again', async () => {
    const large = Buffer.alloc(6 * 1024 * 1024, 'large');
    const seed = { ...(FULL_PROJECT as SampleProjectSeed), lfsObjects: [large, 'small'] };
    const [source, destination] = await Promise.all([startSource({}, seed), startDestination()]);
    const sha256 = createHash('sha256').update(large).digest('hex');

    const { project } = await moved(source, destination);

    expect(project.lfsObjects).toEqual([
      { path: sha256, size: large.length, sha256 },
      source.project('group/app')?.lfsObjects[1],
    ]);
    const { body } = await call(destination, 'olivia', 'GET', '/projects/target%2Fapp?statistics=true');
    expect(body.statistics.lfs_objects_size).toBe(large.length + 5);
    await call(destination, 'olivia', 'POST', at('target/app', 'export'));
    const states = [1, 2, 3].map(() => call(destination, 'olivia', 'GET', at('target/app', 'export')));
    expect((await Promise.all(states)).at(-1)).toMatchObject({
      status: 500,
      body: { error: expect.stringContaining('was not kept when it was imported') },
    });
  });

  it('has its attributes, but for those that no archive carries', async () => {
    const [source, destination] = await bothStarted();

    const { project } = await moved(source, destination);

    const { lfsEnabled: _lfs, emailsEnabled: _emails, ...kept } = FULL_PROJECT.settings;
    expect(project.settings).toMatchObject({ ...kept, lfsEnabled: true, emailsEnabled: true });
    expect(project).toMatchObject({ description: 'Does things', visibility: 'private', archived: false });
    expect(project.creatorId).toBe(destination.userId('olivia'));
    expect(project.createdAt > (source.project('group/app')?.createdAt ?? '')).toBe(true);
    const { body } = await call(destination, 'olivia', 'GET', '/projects/target%2Fapp');
    expect(body).toMatchObject({ import_type: 'gitlab_project', import_status: 'finished' });
  });

  it('is as archived as it was', async () => {
    const source = await startSource({}, { ...(FULL_PROJECT as SampleProjectSeed), archived: true });
    const destination = await startDestination();

    expect((await moved(source, destination)).project.archived).toBe(true);
  });

  it('is not more visible than its group, and loses what the instance forbids', async () => {
    const seed = { ...(FULL_PROJECT as SampleProjectSeed), visibility: 'public' } as const;
    const source = await startSource({}, seed);
    const visibilityAt = async (destination: SampleGitLab, fields = {}) => {
      return (await moved(source, destination, 'olivia', fields)).project.visibility;
    };

    expect(await visibilityAt(await startDestination())).toBe('private');
    expect(await visibilityAt(await openDestination({}))).toBe('public');
    expect(await visibilityAt(await openDestination({}), { 'override_params[visibility]': 'internal' })).toBe(
      'internal',
    );
    expect(await visibilityAt(await openDestination({ restrictedVisibilityLevels: ['public'] }))).toBe(
      'private',
    );
  });

  it('has what the request says instead of what the archive says', async () => {
    const [source, destination] = await bothStarted();

    const { project } = await moved(source, destination, 'olivia', {
      'override_params[description]': 'Another',
      'override_params[shared_runners_enabled]': 'true',
      'override_params[build_timeout]': '700',
    });

    expect(project).toMatchObject({
      description: 'Another',
      settings: { sharedRunnersEnabled: true, buildTimeout: 700, squashOption: 'always' },
    });
  });

  it('uses labels and milestones of the groups above, and makes them where there are none', async () => {
    const source = await startSource();
    const destination = await startDestination();
    destination.addGroup({ name: 'Full', path: 'full', ...TAKEN });
    await upload(destination, 'admin', await exported(source), { namespace: 'full' });
    await importEnd(destination, 'admin', 'full/app');

    const project = destination.project('full/app');

    expect(project?.labels).toEqual([]);
    expect(project?.milestones).toEqual([]);
    expect(project?.issues.map(({ labels, milestone }) => [labels, milestone])).toEqual([
      [['bug', 'shared'], '1.0'],
      [[], 'Q1'],
    ]);
    const { project: alone } = await moved(source, await startDestination());
    expect(alone.labels.map(({ title }) => title)).toEqual(['bug', 'shared']);
    expect(alone.milestones.map(({ title }) => title)).toEqual(['1.0', 'Q1']);
  });

  it('gives milestones other titles where a group has them, as newer versions do', async () => {
    const source = await startSource();
    const destination = await startDestination({ archives: { milestonesRenamed: true } });
    destination.addGroup({ name: 'Full', path: 'full', ...TAKEN });
    await upload(destination, 'admin', await exported(source), { namespace: 'full' });
    await importEnd(destination, 'admin', 'full/app');

    const project = destination.project('full/app');
    const [renamed] = project?.milestones ?? [];

    expect(project?.milestones).toHaveLength(1);
    expect(renamed?.title).toMatch(/^1\.0 \(imported-[0-9a-f]+-\d+\)$/);
    expect(project?.issues.map(({ milestone }) => milestone)).toEqual([renamed?.title, 'Q1']);
  });

  it('has no members but the importer, who is Maintainer and the author of all', async () => {
    const [source, destination] = await bothStarted();
    const olivia = destination.userId('olivia');

    const { project } = await moved(source, destination);

    expect(project.members).toMatchObject([{ userId: olivia, accessLevel: 40 }]);
    const authors = [...project.issues, ...project.mergeRequests].map(({ authorId }) => authorId);
    expect(new Set(authors)).toEqual(new Set([olivia]));
  });

  it('has its members and authors where an administrator imports it, by the addresses that they show', async () => {
    const [source, destination] = await bothStarted();
    const people = [
      { username: 'mia', accessLevel: 30, shown: 'mia@example.com', there: 'mia@example.com' },
      { username: 'leo', accessLevel: 50, shown: 'leo@example.com', there: 'leo@example.com' },
      // An address counts as it is written, as somebody's own, and only if it is shown.
      { username: 'cap', accessLevel: 30, shown: 'Cap@example.com', there: 'cap@example.com' },
      { username: 'two', accessLevel: 30, shown: 'two@public.example', there: 'two@example.com' },
      { username: 'hid', accessLevel: 30, shown: undefined, there: 'hid@example.com' },
    ] as const;
    for (const { username, shown, there } of people) {
      source.addUser({ username, ...(shown && { publicEmail: shown }) });
      destination.addUser({ username, email: there, ...(username === 'two' && { publicEmail: shown }) });
    }
    source.addProject('group', {
      name: 'Theirs',
      path: 'theirs',
      members: people.map(({ username, accessLevel }) => ({ username, accessLevel })),
      issues: people.map(({ username }) => ({ title: username, author: username, notes: ['Indeed'] })),
    });
    await upload(destination, 'admin', await exported(source, 'admin', 'group/theirs'));
    await importEnd(destination, 'admin');

    const { members = [], issues = [] } = destination.project('target/app') ?? {};

    const names = (id: number) => destination.username(id);
    const levels = members.map(({ userId, accessLevel }) => [names(userId), accessLevel]);
    // Only the first two, and whoever has imported it; the group's Owner shows another address than they have.
    expect(Object.fromEntries(levels)).toEqual({ admin: 40, mia: 30, leo: 40 });
    expect(
      issues.map(({ authorId, notes: [note] }) => [names(authorId), names(note?.authorId ?? 0)]),
    ).toEqual(['mia', 'leo', 'admin', 'admin', 'admin'].map(name => [name, name]));
  });

  it('gives an administrator what somebody wrote who is unknown at the destination', async () => {
    const source = await startSource(
      {},
      {
        ...(FULL_PROJECT as SampleProjectSeed),
        members: [],
      },
    );
    const destination = await startDestination();

    const { project } = await moved(source, destination, 'admin');

    expect(project.mergeRequests[0]?.authorId).toBe(destination.userId('admin'));
  });

  it('comes over a link like from a file', async () => {
    const [source, destination] = await bothStarted();
    destination.archives.behaviour.httpAllowed = true;
    const host = await startArchiveHost(await exported(source));

    const begun = await call(destination, 'olivia', 'POST', '/projects/remote-import', {
      url: `${host}/archive`,
      path: 'app',
      namespace: 'target',
    });

    expect([begun.status, begun.body.import_status]).toEqual([201, 'scheduled']);
    expect(await importEnd(destination)).toMatchObject({ import_status: 'finished', name: 'app' });
    expect((await call(destination, 'olivia', 'GET', at('target/app', 'issues'))).body).toHaveLength(2);
  });
});

const sharedLabel = { title: 'shared', color: '#6699cc', description: null };
const quarter = { iid: 2, title: 'Q1', description: '', state: 'active' };

/** What a group has of the project already. */
const TAKEN = {
  labels: [{ title: 'bug' }, { title: 'shared' }],
  milestones: [{ title: '1.0' }, { title: 'Q1' }],
};

async function openDestination(options: Parameters<typeof startDestination>[0]): Promise<SampleGitLab> {
  const destination = await startDestination(options);
  const target = destination.group('target');
  if (target) target.visibility = 'public';
  return destination;
}
