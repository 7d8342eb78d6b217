import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import type { AnyRelation } from '../../../lambdas/engine/entity-work.ts';
import { runEntity } from '../../../lambdas/engine/run-entity.ts';
import { archive } from '../../../lambdas/pipelines/archive.ts';
import { project } from '../../../lambdas/pipelines/project.ts';
import { projectExport } from '../../../lambdas/pipelines/project-export.ts';
import { projectImport } from '../../../lambdas/pipelines/project-import.ts';
import { type ArchiveRecord, findArchive } from '../../../lambdas/store/archives.ts';
import { takeIds } from '../../../lambdas/store/counters.ts';
import { createEntity, getEntity } from '../../../lambdas/store/entities.ts';
import type { Entity } from '../../../lambdas/store/entity.ts';
import { listFailures } from '../../../lambdas/store/failures.ts';
import { keys } from '../../../lambdas/store/keys.ts';
import { updateItem } from '../../../lambdas/store/table-updates.ts';
import type { SampleProject } from '../../../lib/gitlab-simulator/project-model.ts';
import { type Bench, startBench } from './pipeline-bench.ts';

const RELATIONS: AnyRelation[] = [projectExport, archive, project, projectImport].map((relation, stage) => ({
  ...relation,
  stage,
}));
const LANES = { groups: 'groups', projects: 'projects', archives: 'archives' };
/** More runs than any of these projects needs. */
const MOST_RUNS = 80;

/** A project on its way from `acme/web` to `home/<slug>`, run by run. */
export interface ProjectRuns {
  entity(): Promise<Entity>;
  /** What its failures say, without the notice about authors. */
  failures(): Promise<string[]>;
  archive(): Promise<ArchiveRecord | undefined>;
  /** One run. The wait that it was sent into is over. @returns whether the entity has ended */
  step(): Promise<boolean>;
  /** Runs it to its end. @returns how it has ended */
  run(): Promise<Entity>;
}

/** Two GitLabs, the source with the project `acme/web` and the destination with the group `home`, and no limits. */
export async function startProjectBench(): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'archives-'));
  process.env.ARCHIVES_FOLDER = folder;
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  // Their turns are minutes apart; `test/gitlab/action-limits.test.ts` is about them.
  for (const action of ['EXPORTS', 'IMPORTS', 'DOWNLOADS']) vi.stubEnv(`PROJECT_${action}_PER_MINUTE`, '0');
  const bench = await startBench({
    source: { endpointRateLimits: false },
    destination: { endpointRateLimits: false },
  });
  const web = { name: 'Web', path: 'web', branches: ['main'], issues: [{ title: 'It breaks' }] };
  bench.source.addGroup({ name: 'Acme', path: 'acme', projects: [web] });
  bench.addDestinationGroup({ name: 'Home', path: 'home' });
  return bench;
}

/** The project at the source. */
export function sourceProject({ source }: Bench): SampleProject {
  const found = source.project('acme/web');
  if (found === undefined) throw new Error('The source has no project.');
  return found;
}

/** An entity of the project `acme/web`, in an import of its own. */
export async function entityOfWeb(bench: Bench, destinationSlug = 'web'): Promise<ProjectRuns> {
  const { importId, entityId } = await bench.migration('project_export', { from: 'acme' });
  const { destinationUrl, userId } = await getEntity(importId, entityId);
  const id = await takeIds('ENTITY');
  await createEntity({
    id,
    importId,
    destinationUrl,
    userId,
    sourceType: 'project_entity',
    sourceFullPath: 'acme/web',
    sourceId: sourceProject(bench).id,
    destinationSlug,
    destinationNamespace: 'home',
    parentId: null,
    generation: 0,
    relations: {},
  });
  let functionName: string = LANES.projects;
  const step = async () => {
    const name = functionName as keyof typeof LANES;
    const relations = { group_entity: RELATIONS, project_entity: RELATIONS };
    const event = { importId, entityId: id, attempt: 1, functionName, lanes: LANES };
    const result = await runEntity({ name, relations }, event, Date.now() + 900_000);
    if (result.status === 'ended') return true;
    functionName = result.functionName;
    await endWaits(importId, id);
    return false;
  };
  return {
    entity: () => getEntity(importId, id),
    archive: () => findArchive(importId, id),
    step,
    async failures() {
      const all = await listFailures(importId, id);
      return all
        .filter(({ sourceTitle }) => sourceTitle !== 'authors')
        .map(({ exceptionMessage }) => exceptionMessage);
    },
    async run() {
      for (let run = 0; run < MOST_RUNS; run++) if (await step()) return getEntity(importId, id);
      throw new Error('The project did not come to an end.');
    },
  };
}

/** Lets whatever the relations of an entity wait for be over. */
async function endWaits(importId: number, id: number): Promise<void> {
  const { trackers } = await getEntity(importId, id);
  const waiting = Object.entries(trackers).filter(([, tracker]) => tracker.waiting !== null);
  if (waiting.length === 0) return;
  const over = waiting.map(([name]) => [`trackers.${name}.waiting.until`, new Date().toISOString()]);
  await updateItem(keys.entity(importId, id), { set: Object.fromEntries(over) });
}
