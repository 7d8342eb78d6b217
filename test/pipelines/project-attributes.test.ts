import { describe, expect, it } from 'vitest';
import { projectAttributes } from '../../lambdas/pipelines/project-attributes.ts';
import type { SampleProject, SampleProjectSettings } from '../../lib/gitlab-simulator/project-model.ts';
import { requestsTo, setFault } from '../support/gitlab/gitlab-faults.ts';
import { type Bench, FINISHED, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { addProjects, projectMigration } from '../support/service/project-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const handler = handlerOf(projectAttributes, 'projects');

useTableInMemory();

const PUT = { method: 'PUT', path: /\/projects\/\d+$/ } as const;
const puts = ({ destination }: Bench) => requestsTo(destination, PUT);
const messages = (failures: { exceptionMessage: string }[]) =>
  failures.map(({ exceptionMessage }) => exceptionMessage);

/** All that an archive leaves out, and none of it as GitLab has it by default. */
const LEFT_OUT: Partial<SampleProjectSettings> = {
  lfsEnabled: false,
  emailsEnabled: false,
  squashOption: 'always',
  issuesAccessLevel: 'private',
  forkingAccessLevel: 'disabled',
  buildTimeout: 7200,
  autoCancelPendingPipelines: 'disabled',
  ciConfigPath: 'ci/main.yml',
  ciDefaultGitDepth: 5,
  ciForwardDeploymentEnabled: false,
  keepLatestArtifact: false,
  publicJobs: false,
  topics: ['shop', 'a topic'],
};

/** Both have the branches of an archive. */
const BRANCHES = { branches: ['main', 'trunk'] };

async function startWith(here: Partial<SampleProject>, there: Partial<SampleProject> = {}, version?: string) {
  const options = version === undefined ? {} : { source: { version }, destination: { version } };
  const bench = await startBench(options);
  const projects = addProjects(bench, { project: BRANCHES }, { project: BRANCHES });
  Object.assign(projects.source, here, { settings: { ...projects.source.settings, ...here.settings } });
  Object.assign(projects.destination, there, {
    settings: { ...projects.destination.settings, ...there.settings },
  });
  const migration = await projectMigration(bench, 'project_attributes', {
    ...(version !== undefined && { sourceVersion: version }),
  });
  return { bench, ...projects, migration };
}

describe('what the archive leaves out', () => {
  it.each(['14.0.0-ee', '16.4.0-ee', '17.11.2-ee', '18.6.0-ee'])(
    'is set by one request at GitLab %s',
    async version => {
      const settings = LEFT_OUT as SampleProjectSettings;
      const { bench, destination, migration } = await startWith(
        { settings, defaultBranch: 'trunk', description: 'A shop' },
        {},
        version,
      );

      expect(await migration.run(handler)).toEqual(FINISHED);

      expect(destination.settings).toMatchObject({ ...LEFT_OUT, topics: ['a topic', 'shop'] });
      expect(destination).toMatchObject({ defaultBranch: 'trunk', description: 'A shop' });
      expect(puts(bench)).toHaveLength(1);
      expect(await migration.failures()).toEqual([]);
    },
  );

  it('is asked for only where it differs', async () => {
    const settings = { ciDefaultGitDepth: 5 } as SampleProjectSettings;
    const { bench, migration } = await startWith({ settings });

    await migration.run(handler);

    expect(puts(bench).map(({ body }) => body)).toEqual([{ ci_default_git_depth: 5 }]);
  });

  it('takes no request where nothing differs', async () => {
    const { bench, migration } = await startWith({});

    await migration.run(handler);

    expect(puts(bench)).toEqual([]);
    expect((await migration.tracker()).counts).toMatchObject({ imported: 1, failed: 0 });
  });

  it('is set once, however often it runs', async () => {
    const { bench, migration } = await startWith({ settings: LEFT_OUT as SampleProjectSettings });
    await migration.run(handler);

    await (await projectMigration(bench, 'project_attributes')).run(handler);

    expect(puts(bench)).toHaveLength(1);
  });

  it('is emptied where the source has nothing', async () => {
    const { bench, migration } = await startWith(
      {},
      { description: 'Old', settings: { ciConfigPath: 'old.yml' } as SampleProjectSettings },
    );

    await migration.run(handler);

    expect(puts(bench).map(({ body }) => body)).toEqual([{ description: '', ci_config_path: '' }]);
  });
});

it('leaves the default branch of a repository in which there is nothing', async () => {
  const { bench, migration } = await startWith(
    { branches: [], defaultBranch: 'trunk' },
    { branches: [], defaultBranch: null },
  );

  await migration.run(handler);

  expect(puts(bench)).toEqual([]);
});

describe('the visibility', () => {
  const PUBLIC = { visibility: 'public' } as const;

  it('is set again where it was lost', async () => {
    const { destination, group, migration } = await startWith(PUBLIC, { visibility: 'private' });
    group.visibility = 'public';

    await migration.run(handler);

    expect(destination.visibility).toBe('public');
  });

  it('is never above that of the group', async () => {
    const { bench, group, migration } = await startWith(PUBLIC, { visibility: 'private' });
    group.visibility = 'private';

    await migration.run(handler);

    expect(puts(bench)).toEqual([]);
    expect(await migration.failures()).toEqual([]);
  });
});

describe('an attribute that the destination refuses', () => {
  it('costs no other one, and is named with its value and what to do', async () => {
    const settings = LEFT_OUT as SampleProjectSettings;
    const { bench, destination, migration } = await startWith({ settings });
    setFault(
      bench.destination,
      { ...PUT, nth: 1 },
      {
        kind: 'respond',
        status: 400,
        body: JSON.stringify({ error: 'squash_option does not have a valid value' }),
      },
    );

    await migration.run(handler);

    expect(destination.settings).toMatchObject({ lfsEnabled: false, squashOption: 'default_off' });
    expect(puts(bench)).toHaveLength(2);
    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        relation: 'project_attributes',
        pipelineClass: 'BulkImports::Projects::Pipelines::ProjectAttributesPipeline',
        exceptionClass: 'BulkImports::AttributeRejectedError',
        exceptionMessage:
          "The destination did not take squash_option 'always': does not have a valid value. Check whether its edition, its settings and the group allow it, and set it by hand.",
        sourceTitle: 'Shop',
      }),
    ]);
  });

  it('is found by itself where the refusal does not name it', async () => {
    const settings = { lfsEnabled: false, buildTimeout: 7200 } as SampleProjectSettings;
    const { destination, migration } = await startWith({ settings, defaultBranch: 'gone' });

    await migration.run(handler);

    expect(destination.settings).toMatchObject(settings);
    expect(messages(await migration.failures())).toEqual([
      "The destination did not take default_branch 'gone': base Could not change HEAD: branch 'gone' does not exist. Push that branch to the destination, and set it by hand.",
    ]);
  });

  it('is a failure too where it is ignored', async () => {
    const { group, destination, migration } = await startWith({
      settings: { emailsEnabled: false, lfsEnabled: false } as SampleProjectSettings,
    });
    // Whether mails are sent is for Owners.
    for (const member of group.members) member.accessLevel = 40;

    await migration.run(handler);

    expect(destination.settings.lfsEnabled).toBe(false);
    expect(messages(await migration.failures())).toEqual([
      "At the destination emails_disabled is 'false' instead of 'true'. Only an Owner may set it: have one do so.",
    ]);
  });

  it('is public jobs by the name that all versions take', async () => {
    const settings = { publicJobs: false } as SampleProjectSettings;
    const { bench, migration } = await startWith({ settings });
    setFault(bench.destination, PUT, {
      kind: 'respond',
      status: 400,
      body: JSON.stringify({ error: 'public_builds is invalid' }),
    });

    await migration.run(handler);

    expect(messages(await migration.failures())).toEqual([
      "The destination did not take public_jobs 'false': is invalid. Check whether its edition, its settings and the group allow it, and set it by hand.",
    ]);
  });
});

it('unarchives a project that came archived, and leaves archiving it to the finisher', async () => {
  const { destination, migration } = await startWith(
    { archived: true, settings: { lfsEnabled: false } as SampleProjectSettings },
    { archived: true },
  );

  await migration.run(handler);

  expect(destination).toMatchObject({ archived: false, settings: { lfsEnabled: false } });
  expect(await migration.failures()).toEqual([]);
  expect((await migration.entity()).awaitsArchiving).toBe(true);
});

/** Something that is to be changed. */
const OTHER = { settings: { lfsEnabled: false } as SampleProjectSettings };

it('leaves an archived project alone of which nothing is to be changed', async () => {
  const { bench, migration } = await startWith({ archived: true }, { archived: true });

  await migration.run(handler);

  expect(bench.destination.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  expect((await migration.entity()).awaitsArchiving).toBeUndefined();
});

it('notes that a project is to be archived again before it is unarchived', async () => {
  const { bench, migration } = await startWith({ archived: true, ...OTHER }, { archived: true });
  const noted: unknown[] = [];
  bench.destination.onRequest = ({ path }) => {
    if (!path.endsWith('/unarchive')) return undefined;
    return {
      kind: 'hold',
      until: migration.entity().then(({ awaitsArchiving }) => {
        noted.push(awaitsArchiving);
        return undefined;
      }),
    };
  };

  await migration.run(handler);

  expect(noted).toEqual([true]);
});

it('notes nothing of a project that it could not unarchive', async () => {
  const { group, migration } = await startWith({ archived: true, ...OTHER }, { archived: true });
  for (const member of group.members) member.accessLevel = 40;

  await migration.run(handler);

  expect((await migration.entity()).awaitsArchiving).toBe(false);
});

it('waits for a destination that is in trouble, and goes on', async () => {
  const { bench, destination, migration } = await startWith({
    settings: { lfsEnabled: false } as SampleProjectSettings,
  });
  setFault(bench.destination, PUT, { kind: 'respond', status: 503 });

  const answer = await migration.run(handler);

  expect(answer.status).toBe('wait');
  expect(await migration.failures()).toEqual([]);
  bench.destination.onRequest = undefined;
  await migration.run(handler);
  expect(destination.settings.lfsEnabled).toBe(false);
});
