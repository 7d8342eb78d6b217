import assert from 'node:assert/strict';
import type { SampleProjectSeed } from '../../../lib/gitlab-simulator/project-model.ts';
import { PROJECT_RECORDS } from '../../../lib/gitlab-simulator/project-records.ts';
import { keyOf } from '../../../lib/gitlab-simulator/relation-records.ts';
import type { SampleGitLab } from '../../../lib/gitlab-simulator/sample-gitlab.ts';
import { waitUntil } from '../wait-until.ts';
import { projectRequestFor, requestFor } from './requests.ts';
import type { World } from './world.ts';

const GROUP = 'freight';
const PROJECT = `${GROUP}/wagons`;
/** One of everything that an archive carries. */
const SEED: SampleProjectSeed = {
  name: 'Wagons',
  path: 'wagons',
  description: 'What is heavy',
  branches: ['main', 'brakes'],
  tags: ['v1'],
  labels: [{ title: 'axle' }],
  milestones: [{ title: '1.0' }],
  issues: [
    { title: 'It squeaks', labels: ['axle'], milestone: '1.0', notes: ['Where?'] },
    { title: 'It rolls away', state: 'closed', confidential: true },
  ],
  mergeRequests: [{ title: 'Brakes', sourceBranch: 'brakes', labels: ['axle'] }],
  releases: [{ tag: 'v1' }],
  pipelines: [{ ref: 'main' }],
  snippets: [{ title: 'Snippet' }],
  settings: { lfsEnabled: true },
  lfsObjects: ['a drawing', 'another drawing'],
  wikiPages: [{ path: 'home.md', content: 'Welcome' }],
};

const MEBIBYTE = 1024 * 1024;
/** Two parts of 16 MiB and a shorter one. */
const ARCHIVE_BYTES = 40 * MEBIBYTE;
const PARTS = 3;

const LANES = ['groups', 'projects', 'archives'];
const laneOf = (name: string) => `Runs all pipelines of an entity, in the lane of ${name}`;

/** A project of three parts, on each of the two ways to a destination, and one whose import is canceled on the way. */
export async function checkProjects(world: World): Promise<void> {
  const { deployment, destination, functions, source } = world;
  source.gitlab.addGroup({
    name: 'Freight',
    path: GROUP,
    members: [{ username: 'olivia', accessLevel: 50 }],
    projects: [SEED],
  });
  await checkSwitches(world);
  source.gitlab.archives.behaviour.paddingBytes = ARCHIVE_BYTES;
  Object.assign(destination.gitlab.archives.behaviour, { httpAllowed: true, headTimeoutMs: 30_000 });
  // The emulator's address of the API that needs no name, as `Deployment` has it for clients.
  await functions.withVariables(laneOf('archives'), { ARCHIVE_LINKS_URL: deployment.endpoint }, async () => {
    await checkLink(world);
    await checkCancel(world);
  });
  await checkUpload(world);
  source.gitlab.archives.behaviour.paddingBytes = 0;
}

/** The requests by which an operator finds out what an administrator has to switch on. */
async function checkSwitches({ checks, destination, documents, operator, source }: World): Promise<void> {
  const group = destination.gitlab.addGroup({ name: 'Depot', path: 'depot' });
  operator.learn({
    '<project id>': String(source.gitlab.project(PROJECT)?.id),
    '<group id>': String(group.id),
  });

  await checks.check('the documented requests tell whether both GitLabs move projects', async () => {
    const look = await operator.run(documents.take("curl --header 'PRIVATE-TOKEN: <token of the source>'"));
    assert.match(look, /"export_status":"none"/);

    const probe = documents.take("curl --header 'PRIVATE-TOKEN: <token of the destination>'");
    await assert.rejects(operator.run(probe), /File url is blocked/);
    assert.deepEqual(group.projects, []);
  });
}

async function checkLink(world: World): Promise<void> {
  const { checks, deployment, destination, functions, source } = world;
  let id = 0;
  let link = '';

  await checks.check(
    'an archive is stored in parts, and its link leads to a URL that S3 has signed',
    async () => {
      await whileImporting(world, requestFor(world, GROUP, GROUP), async started => {
        id = started;
        link = linkSentTo(destination.gitlab);
        const [archive, ...others] = await deployment.archives.archives();
        assert.deepEqual([archive?.parts, others], [PARTS, []]);
        assert.ok((archive?.bytes ?? 0) > ARCHIVE_BYTES, `${archive?.bytes} bytes`);

        const response = await fetch(link, { redirect: 'manual' });
        assert.equal(response.status, 307);
        const signed = new URL(response.headers.get('location') ?? '');
        assert.equal(signed.searchParams.get('X-Amz-Expires'), '300');
        assert.ok(signed.searchParams.has('versionId'));
        assert.equal(await bytesOf(signed), archive?.bytes);
        assert.ok(!(await deployment.itemsAsText()).includes(tokenOf(link)), 'the token is in the table');
      });
      assert.equal((await deployment.waitForEnd(id)).status, 'finished');
    },
  );

  await checks.check('the project has all that it had at the source', async () => {
    assert.deepEqual(contentsOf(destination.gitlab, GROUP), contentsOf(source.gitlab, GROUP));
  });

  await checks.check('the functions of all lanes have run for it', async () => {
    await deployment.waitForExecution(id, 'SUCCEEDED');
    const called = await deployment.functionsCalled(id);

    for (const name of LANES) assert.ok(called.has(await functions.arnOf(laneOf(name))), name);
  });

  await checks.check(
    'neither the archive nor its link is left, and the link is answered with 404',
    async () => {
      assert.deepEqual(await leftOf(world), []);

      assert.equal((await fetch(link, { redirect: 'manual' })).status, 404);
    },
  );
}

async function checkCancel(world: World): Promise<void> {
  const { checks, deployment, destination, signal } = world;

  await checks.check(
    'canceling an import removes its archive from the bucket, and the link is dead at once',
    async () => {
      await whileImporting(world, requestFor(world, GROUP, 'canceled-freight'), async id => {
        const link = linkSentTo(destination.gitlab);
        assert.equal((await deployment.cancel(id)).status, 200);

        assert.equal((await fetch(link, { redirect: 'manual' })).status, 404);
        await waitUntil(
          'the archive and its link to be removed',
          async () => ((await leftOf(world)).length === 0 ? true : undefined),
          { signal },
        );
        assert.equal((await deployment.client.getImport(id)).status, 'canceled');
      });
    },
  );
}

async function checkUpload(world: World): Promise<void> {
  const { checks, deployment, destination } = world;
  const { gitlab } = destination;

  await checks.check('a destination that takes no link is sent the archive as a file', async () => {
    gitlab.archives.behaviour.remoteImportEnabled = false;
    const before = gitlab.requests.length;
    const { id } = await deployment.client.createImport(projectRequestFor(world, PROJECT, 'depot'));
    const ended = await deployment.waitForEnd(id);

    const { failures } = await deployment.onlyEntity(id);
    assert.equal(ended.status, 'finished', JSON.stringify(failures));
    assert.deepEqual(contentsOf(gitlab, 'depot'), contentsOf(world.source.gitlab, GROUP));
    const sent = gitlab.requests
      .slice(before)
      .filter(({ method, path }) => method === 'POST' && path.endsWith('/projects/import'));
    assert.deepEqual(
      sent.map(({ headers }) => Number(headers['content-length']) > ARCHIVE_BYTES),
      [true],
    );
    await deployment.waitForExecution(id, 'SUCCEEDED');
    assert.deepEqual(await leftOf(world), []);
  });
}

/** Starts an import and does something while the destination, which has its archive, goes on importing it. */
async function whileImporting(
  { deployment, destination, signal }: World,
  request: string,
  body: (importId: number) => Promise<void>,
): Promise<void> {
  const { archives, requests } = destination.gitlab;
  const { importStates } = archives.behaviour;
  const before = requests.length;
  archives.behaviour.importStates = ['started'];
  try {
    const { id } = await deployment.client.createImport(request);
    await waitUntil(
      'the destination to be asked how far its import is',
      () => (requests.slice(before).some(isLookAtImport) ? true : undefined),
      { signal, timeoutMs: 60_000 },
    );
    await body(id);
  } finally {
    archives.behaviour.importStates = importStates;
  }
}

const isLookAtImport = ({ method, path, status }: SampleGitLab['requests'][number]) =>
  method === 'GET' && /\/projects\/\d+\/import$/.test(path) && status === 200;

/** The link that the destination was sent last. */
function linkSentTo({ requests }: SampleGitLab): string {
  const sent = requests.findLast(({ path }) => path.endsWith('/projects/remote-import'));
  if (sent === undefined) throw new Error('The destination was sent no link.');
  return (sent.body as { url: string }).url;
}

const tokenOf = (link: string) => link.slice(link.lastIndexOf('/') + 1);

async function bytesOf(url: URL): Promise<number> {
  const response = await fetch(url);
  assert.equal(response.status, 200);
  return (await response.arrayBuffer()).byteLength;
}

/** What there is of archives: in the bucket, and the items about them and about links. */
async function leftOf({ deployment }: World): Promise<string[]> {
  const items = (await deployment.itemsAsText()).match(/"(ARCHIVE|LINK)#[^"]*"/g) ?? [];
  return [...(await deployment.archives.contents()), ...items];
}

/** What the projects of a group hold, by what it is. */
function contentsOf(gitlab: SampleGitLab, fullPath: string): Record<string, string[]> {
  const group = gitlab.group(fullPath);
  if (group === undefined) throw new Error(`There is no group ${fullPath}.`);
  return Object.fromEntries(
    Object.values(PROJECT_RECORDS).flatMap(({ kinds }) =>
      kinds.map(({ what, recordsOf }) => [what, recordsOf(group).map(keyOf).sort()] as const),
    ),
  );
}
