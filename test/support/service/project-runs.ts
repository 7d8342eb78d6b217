import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { Secret } from '../../../lambdas/domain/secret.ts';
import type { AnyRelation } from '../../../lambdas/engine/entity-work.ts';
import { reopenEntities } from '../../../lambdas/engine/reopen-entities.ts';
import { runEntity } from '../../../lambdas/engine/run-entity.ts';
import { archive } from '../../../lambdas/pipelines/archive.ts';
import { project } from '../../../lambdas/pipelines/project.ts';
import { projectExport } from '../../../lambdas/pipelines/project-export.ts';
import { projectImport } from '../../../lambdas/pipelines/project-import.ts';
import type { LaneName } from '../../../lambdas/platform/lanes.ts';
import { findArchive } from '../../../lambdas/store/archives.ts';
import { takeIds } from '../../../lambdas/store/counters.ts';
import { createEntity, getEntity } from '../../../lambdas/store/entities.ts';
import type { Entity } from '../../../lambdas/store/entity.ts';
import { listFailures } from '../../../lambdas/store/failures.ts';
import { getImport, moveImport, type Retry, reopenImport } from '../../../lambdas/store/imports.ts';
import { keys } from '../../../lambdas/store/keys.ts';
import { putTokens } from '../../../lambdas/store/sealed-tokens.ts';
import { updateItem } from '../../../lambdas/store/table-updates.ts';
import type { SampleProject, SampleProjectSeed } from '../../../lib/gitlab-simulator/project-model.ts';
import type { SampleGitLabOptions } from '../../../lib/gitlab-simulator/sample-gitlab.ts';
import { type Bench, DESTINATION_TOKEN, SOURCE_TOKEN, startBench } from './pipeline-bench.ts';

/** What moves a project. */
export const MOVING = [projectExport, archive, project, projectImport];
const SMALL: SampleProjectSeed = {
  name: 'Web',
  path: 'web',
  branches: ['main'],
  issues: [{ title: 'It breaks' }],
};
const LANES = { groups: 'groups', projects: 'projects', archives: 'archives' };
/** More runs than any of these projects needs. */
const MOST_RUNS = 80;

/** Has archives kept in a folder of the test. */
export async function keepArchives(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'archives-'));
  process.env.ARCHIVES_FOLDER = folder;
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
}

/**
 * Two GitLabs without limits, the source with the project `acme/web` and the destination with the group `home`. Archives
 * are in a folder of the test.
 *
 * @param options of the destination
 */
export async function startProjectBench(
  options: SampleGitLabOptions = {},
  web: SampleProjectSeed = SMALL,
  { isAdministrator = false } = {},
): Promise<Bench> {
  await keepArchives();
  // Their turns are minutes apart; `test/gitlab/action-limits.test.ts` is about them.
  for (const action of ['EXPORTS', 'IMPORTS', 'DOWNLOADS']) vi.stubEnv(`PROJECT_${action}_PER_MINUTE`, '0');
  const bench = await startBench({
    source: { endpointRateLimits: false },
    destination: { endpointRateLimits: false, ...options },
    isAdministrator,
  });
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

/** These relations, one after the other. */
export function staged(relations: readonly Omit<AnyRelation, 'stage'>[]): AnyRelation[] {
  return relations.map((relation, stage) => ({ ...relation, stage }));
}

/** A project on its way from `acme/web` to `home/web`, run by run. */
export type ProjectRuns = Awaited<ReturnType<typeof entityOfWeb>>;

/**
 * An entity of the project `acme/web`.
 *
 * @param attributes otherwise than usual; an import of its own unless it has an `importId`
 * @param moved the relations of its runs
 */
export async function entityOfWeb(
  bench: Bench,
  { importId: known, ...attributes }: Partial<Entity> = {},
  moved: readonly AnyRelation[] = staged(MOVING),
) {
  const options = known === undefined ? {} : { importId: known };
  const { importId, entityId } = await bench.migration('project_export', { from: 'acme', ...options });
  const { destinationUrl, userId } = await getEntity(importId, entityId);
  const id = await takeIds('ENTITY');
  await createEntity({
    id,
    importId,
    destinationUrl,
    userId,
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
  const entity = () => getEntity(importId, id);
  const failures = () => listFailures(importId, id);
  const lanes: LaneName[] = [];
  let functionName: string = LANES.projects;
  let attempt = 1;
  /** One run. The wait that it was sent into is over. @returns whether the entity has ended */
  async function step(
    of = moved,
    between: () => void = () => undefined,
    remainingMs = 900_000,
  ): Promise<boolean> {
    const name = functionName as LaneName;
    if (lanes.at(-1) !== name) lanes.push(name);
    const relations = { group_entity: of, project_entity: of };
    const event = { importId, entityId: id, attempt, functionName, lanes: LANES };
    const result = await runEntity({ name, relations }, event, Date.now() + remainingMs);
    if (result.status === 'ended') return true;
    functionName = result.functionName;
    between();
    await endWaits(importId, id);
    return false;
  }
  return {
    entity,
    failures,
    archive: () => findArchive(importId, id),
    /** The lanes that it has been through. */
    lanes,
    /** One run, of all relations and with all of its time unless said otherwise. */
    step: ({ of, remainingMs }: { of?: readonly AnyRelation[]; remainingMs?: number } = {}) =>
      step(of, undefined, remainingMs),
    /** Begins another attempt of its import, which has come to its end. */
    async retry(retry: Retry = { scope: 'failed' }): Promise<void> {
      const ended = await moveImport(await getImport(importId), 'finished');
      const record = ended && (await reopenImport(ended, retry));
      if (record === undefined) throw new Error('The import cannot be tried again.');
      await putTokens(record, {
        source: new Secret(SOURCE_TOKEN),
        destination: new Secret(DESTINATION_TOKEN),
      });
      await moveImport(record, 'started');
      await reopenEntities(record);
      attempt = record.attempt;
      functionName = LANES.projects;
    },
    /** What its failures say, without the notice about authors. */
    async messages() {
      const all = (await failures()).filter(({ sourceTitle }) => sourceTitle !== 'authors');
      return all.map(({ exceptionMessage }) => exceptionMessage);
    },
    /**
     * Runs it to its end.
     *
     * @param between what happens after each run
     * @returns how it has ended
     */
    async run(of: readonly AnyRelation[] = moved, between?: () => void): Promise<Entity> {
      for (let run = 0; run < MOST_RUNS; run++) if (await step(of, between)) return entity();
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
