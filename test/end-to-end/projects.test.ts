import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SampleProjectSeed } from '../../lib/gitlab-simulator/project-model.ts';
import { PROJECT_RECORDS } from '../../lib/gitlab-simulator/project-records.ts';
import { keyOf } from '../../lib/gitlab-simulator/relation-records.ts';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { ACME, startDestination, startSource } from '../support/service/service.ts';
import { type ServiceInMemory, startServiceInMemory } from '../support/service/service-in-memory.ts';

/** One of everything that an archive carries, so that twelve of them take a minute of the limit for exports. */
const projectOf = (number: number): SampleProjectSeed => ({
  name: `Project ${number}`,
  path: `project-${number}`,
  description: `The ${number}th`,
  branches: ['main', 'next'],
  tags: ['v1'],
  labels: [{ title: 'bug' }],
  milestones: [{ title: '1.0' }],
  issues: [{ title: `It breaks ${number}`, labels: ['bug'], milestone: '1.0', notes: ['When?'] }],
  mergeRequests: [{ title: 'Mend it', sourceBranch: 'next' }],
  releases: [{ tag: 'v1' }],
  pipelines: [{ ref: 'main' }],
  snippets: [{ title: 'Snippet' }],
  lfsObjects: [`large ${number}`],
  wikiPages: [{ path: 'home.md', content: 'Welcome' }],
});

let service: ServiceInMemory;
let source: SampleGitLab;
let destination: SampleGitLab;
beforeAll(async () => {
  service = await startServiceInMemory();
});
beforeEach(async () => {
  [source, destination] = await Promise.all([startSource(), startDestination()]);
});

const addAcme = (...projects: SampleProjectSeed[]) =>
  source.addGroup({ ...ACME, members: [...ACME.members], projects });

/** What a group's projects hold, by what it is. */
function projectsOf(gitlab: SampleGitLab, fullPath: string): Record<string, unknown> {
  const group = gitlab.group(fullPath);
  if (group === undefined) throw new Error(`There is no group ${fullPath}.`);
  return Object.fromEntries(
    Object.values(PROJECT_RECORDS).flatMap(({ kinds }) =>
      kinds.map(({ what, recordsOf }) => [what, recordsOf(group).map(keyOf).sort()] as const),
    ),
  );
}

describe('a group', () => {
  it('with twelve projects arrives with all that is in them', async () => {
    addAcme(...Array.from({ length: 12 }, (_, index) => projectOf(index)));
    const api = service.between(source, destination);

    const importId = await api.start([{}]);

    expect(await api.untilEnded(importId)).toMatchObject({ status: 'finished' });
    expect(projectsOf(destination, 'imported/acme')).toEqual(projectsOf(source, 'acme'));
    const entities = await api.getEntities(importId);
    expect(entities.filter(({ entity_type: type }) => type === 'project')).toHaveLength(12);
    const exports = source.requests.filter(
      ({ method, path }) => method === 'POST' && path.endsWith('/export'),
    );
    expect(exports).toHaveLength(12);
  });

  it('has an entity of each project, as GitLab shows one', async () => {
    addAcme(projectOf(1));
    const api = service.between(source, destination);
    const importId = await api.start([{}]);
    await api.untilEnded(importId);

    const [group, project] = await api.getEntities(importId);

    expect(project).toMatchObject({
      status: 'finished',
      entity_type: 'project',
      source_full_path: 'acme/project-1',
      destination_full_path: 'imported/acme/project-1',
      destination_slug: 'project-1',
      destination_namespace: 'imported/acme',
      parent_id: group?.id,
      namespace_id: null,
      project_id: destination.project('imported/acme/project-1')?.id,
    });
  });

  it('in which nobody may create projects still gets its own, and that level last', async () => {
    source.addGroup({
      ...ACME,
      members: [...ACME.members],
      settings: { projectCreationLevel: 'noone' },
      projects: [projectOf(1)],
    });
    const api = service.between(source, destination);

    await api.untilEnded(await api.start([{}]));

    expect(destination.project('imported/acme/project-1')?.issues).toHaveLength(1);
    expect(destination.group('imported/acme')?.settings.projectCreationLevel).toBe('noone');
  });

  it('has none of its projects exported for a destination that takes none, but those that came before that was known', async () => {
    const count = 12;
    addAcme(...Array.from({ length: count }, (_, index) => projectOf(index)));
    destination.archives.behaviour.importSourceEnabled = false;
    const api = service.between(source, destination);

    const importId = await api.start([{}]);
    await api.untilEnded(importId);

    const projects = (await api.getEntities(importId)).filter(({ entity_type: type }) => type === 'project');
    expect(projects).toHaveLength(count);
    for (const { status, failures } of projects) {
      expect(status).toBe('failed');
      expect(failures.map(({ exception_message: message }) => message)).toContainEqual(
        expect.stringContaining("allow 'GitLab export'"),
      );
    }
    const isOrder = ({ method, path }: { method: string; path: string }) =>
      method === 'POST' && path.endsWith('/export');
    expect(source.requests.filter(isOrder).length).toBeLessThan(count / 2);
    expect(destination.group('imported/acme')?.projects).toEqual([]);
  });

  it('that the destination does not show yet for a while gets its projects all the same', async () => {
    addAcme(projectOf(1));
    const api = service.between(source, destination);
    let looks = 0;
    destination.onRequest = ({ method, path }) =>
      method === 'POST' && path.endsWith('/projects/remote-import') && looks++ < 2
        ? { kind: 'respond', status: 404, body: JSON.stringify({ message: '404 Namespace Not Found' }) }
        : undefined;

    const importId = await api.start([{}]);

    expect(await api.untilEnded(importId)).toMatchObject({ status: 'finished' });
    expect(destination.project('imported/acme/project-1')?.issues).toHaveLength(1);
  });

  it('keeps its projects where they are when they are not wanted', async () => {
    addAcme(projectOf(1));
    const api = service.between(source, destination);

    const importId = await api.start([{ migrate_projects: false }]);

    expect(await api.untilEnded(importId)).toMatchObject({ status: 'finished', has_failures: false });
    expect(await api.getEntities(importId)).toHaveLength(1);
    expect(destination.group('imported/acme')?.projects).toEqual([]);
  });
});

describe('one project', () => {
  it('is moved by itself, to the slug that was asked for', async () => {
    addAcme(projectOf(1));
    const api = service.between(source, destination);

    const importId = await api.start([
      { source_type: 'project_entity', source_full_path: 'acme/project-1', destination_slug: 'moved' },
    ]);

    expect(await api.untilEnded(importId)).toMatchObject({ status: 'finished' });
    expect(destination.project('imported/moved')?.issues).toHaveLength(1);
  });

  it('is refused where the path is taken, and nothing is made', async () => {
    addAcme(projectOf(1));
    const api = service.between(source, destination);
    const wanted = [
      { source_type: 'project_entity', source_full_path: 'acme/project-1', destination_slug: 'moved' },
    ];
    await api.untilEnded(await api.start(wanted));

    expect(await api.post(wanted)).toMatchObject({ status: 422 });

    expect(destination.group('imported')?.projects).toHaveLength(1);
  });

  it('that is canceled as the destination fills it is named', async () => {
    addAcme(projectOf(1));
    destination.archives.behaviour.importStates = ['scheduled', 'started'];
    const api = service.between(source, destination);
    const importId = await api.start([
      { source_type: 'project_entity', source_full_path: 'acme/project-1', destination_slug: 'moved' },
    ]);
    service.afterWait = async () => {
      if (destination.project('imported/moved') === undefined) return;
      service.afterWait = undefined;
      await api.call('POST', `/bulk_imports/${importId}/cancel`);
    };

    expect(await api.untilEnded(importId)).toMatchObject({ status: 'canceled', has_failures: true });

    const [entity] = await api.getEntities(importId);
    expect(entity).toMatchObject({ status: 'canceled' });
    expect(entity?.failures.map(({ exception_message: message }) => message)).toContainEqual(
      expect.stringContaining("still filling the project 'imported/moved'"),
    );
  });
});

it('a group that lets nobody become a member of its projects keeps their members, and gets that last', async () => {
  for (const gitlab of [source, destination]) {
    gitlab.addUser({ username: 'mia', name: 'Mia Member', publicEmail: 'mia@public.example' });
  }
  source.addGroup({
    ...ACME,
    members: [...ACME.members],
    settings: { membershipLock: true },
    projects: [{ ...projectOf(1), members: [{ username: 'mia', accessLevel: 30 }] }],
  });
  const api = service.between(source, destination);

  const importId = await api.start([{}]);
  await api.untilEnded(importId);

  const mia = destination.userId('mia');
  const members = destination.project('imported/acme/project-1')?.members ?? [];
  expect(members.map(({ userId }) => userId)).toContain(mia);
  expect(destination.group('imported/acme')?.settings.membershipLock).toBe(true);
});
