import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import type { AnyRelation } from '../../lambdas/engine/entity-work.ts';
import { runEntity } from '../../lambdas/engine/run-entity.ts';
import type { RunResult } from '../../lambdas/engine/run-event.ts';
import { archive } from '../../lambdas/pipelines/archive.ts';
import { finisher } from '../../lambdas/pipelines/finisher.ts';
import { members } from '../../lambdas/pipelines/members.ts';
import { project } from '../../lambdas/pipelines/project.ts';
import { projectAttributes } from '../../lambdas/pipelines/project-attributes.ts';
import { projectCounts } from '../../lambdas/pipelines/project-counts.ts';
import { projectExport } from '../../lambdas/pipelines/project-export.ts';
import { projectImport } from '../../lambdas/pipelines/project-import.ts';
import type { LaneName } from '../../lambdas/platform/lanes.ts';
import { findArchive } from '../../lambdas/store/archives.ts';
import { takeIds } from '../../lambdas/store/counters.ts';
import { createEntity, getEntity } from '../../lambdas/store/entities.ts';
import type { Entity } from '../../lambdas/store/entity.ts';
import { listFailures } from '../../lambdas/store/failures.ts';
import { keys } from '../../lambdas/store/keys.ts';
import { updateItem } from '../../lambdas/store/table-updates.ts';
import type { SampleProjectSeed } from '../../lib/gitlab-simulator/project-model.ts';
import type { SampleGitLabOptions } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { type Bench, startBench } from '../support/service/pipeline-bench.ts';

const MOVED = [projectExport, archive, project, projectImport];
/** What moves a project, and counts it. */
export const RELATIONS = staged([...MOVED, projectCounts]);
/** All that is done after that, too. */
export const TO_THE_END = staged([...MOVED, members, projectAttributes, projectCounts, finisher]);
const LANES = { groups: 'groups', projects: 'projects', archives: 'archives' };
/** More runs than any of these projects needs. */
const MOST_RUNS = 40;

const WEB: SampleProjectSeed = {
  name: 'Web',
  path: 'web',
  branches: ['main', 'next'],
  tags: ['v1'],
  labels: [{ title: 'bug' }],
  milestones: [{ title: '1.0' }],
  issues: [
    { title: 'It breaks', labels: ['bug'], milestone: '1.0', notes: ['When?'] },
    { title: 'It is slow', state: 'closed' },
  ],
  mergeRequests: [{ title: 'Mend it', sourceBranch: 'next' }],
  releases: [{ tag: 'v1' }],
  pipelines: [{ ref: 'main' }],
  lfsObjects: ['large'],
  wikiPages: [{ path: 'home.md', content: 'Welcome' }],
};

/**
 * Two GitLabs, the project `acme/web` at one, and the group `home` at the other. Archives are in a folder of the test.
 *
 * @param options of the GitLab that projects go to
 */
export async function startWeb(options: SampleGitLabOptions = {}): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'archives-'));
  process.env.ARCHIVES_FOLDER = folder;
  // Their turns are minutes apart; `test/gitlab/action-limits.test.ts` is about them.
  for (const action of ['EXPORTS', 'IMPORTS', 'DOWNLOADS']) vi.stubEnv(`PROJECT_${action}_PER_MINUTE`, '0');
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const bench = await startBench({
    source: { endpointRateLimits: false },
    destination: { endpointRateLimits: false, ...options },
  });
  bench.source.addGroup({ name: 'Acme', path: 'acme', projects: [WEB] });
  bench.addDestinationGroup({ name: 'Home', path: 'home' });
  return bench;
}

/** An entity of a project, and what became of it. */
export type Web = Awaited<ReturnType<typeof entityOfWebIn>>;

/** An entity of the project `acme/web`, which goes to `home/web`; and a way to run it to its end. */
export async function entityOfWebIn(bench: Bench, { importId, ...attributes }: Partial<Entity> = {}) {
  const options = importId === undefined ? {} : { importId };
  const migration = await bench.migration('project_export', { from: 'acme', ...options });
  const parent = await getEntity(migration.importId, migration.entityId);
  const id = await takeIds('ENTITY');
  await createEntity({
    id,
    importId: migration.importId,
    destinationUrl: parent.destinationUrl,
    userId: parent.userId,
    sourceType: 'project_entity',
    sourceFullPath: 'acme/web',
    sourceId: bench.source.project('acme/web')?.id ?? 0,
    destinationSlug: 'web',
    destinationNamespace: 'home',
    parentId: null,
    generation: 0,
    relations: {},
    ...attributes,
  });
  const entity = () => getEntity(migration.importId, id);
  const lanes: LaneName[] = [];
  return {
    entity,
    lanes,
    failures: () => listFailures(migration.importId, id),
    archive: () => findArchive(migration.importId, id),
    /** @param between what happens after each run */
    async run(of: readonly AnyRelation[] = RELATIONS, between: () => void = () => {}): Promise<Entity> {
      let functionName: string = LANES.projects;
      for (let run = 0; run < MOST_RUNS; run++) {
        const name = functionName as LaneName;
        if (lanes.at(-1) !== name) lanes.push(name);
        const relations = { group_entity: of, project_entity: of };
        const event = { importId: migration.importId, entityId: id, attempt: 1, functionName, lanes: LANES };
        const result: RunResult = await runEntity({ name, relations }, event, Date.now() + 900_000);
        if (result.status === 'ended') return entity();
        functionName = result.functionName;
        between();
        await endWaits(migration.importId, id);
      }
      throw new Error('The project did not come to an end.');
    },
  };
}

function staged(relations: readonly Omit<AnyRelation, 'stage'>[]): AnyRelation[] {
  return relations.map((relation, stage) => ({ ...relation, stage }));
}

/** The requests to a GitLab of this kind, so far. */
export function requestsOf(gitlab: Bench['source'], method: string, path: RegExp) {
  return () => gitlab.requests.filter(request => request.method === method && path.test(request.path));
}

/** Lets whatever the relations of an entity wait for be over. */
async function endWaits(importId: number, id: number): Promise<void> {
  const { trackers } = await getEntity(importId, id);
  const waiting = Object.entries(trackers).filter(([, tracker]) => tracker.waiting !== null);
  if (waiting.length === 0) return;
  const over = waiting.map(([name]) => [`trackers.${name}.waiting.until`, new Date().toISOString()]);
  await updateItem(keys.entity(importId, id), { set: Object.fromEntries(over) });
}
