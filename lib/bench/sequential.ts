import { Secret } from '../../lambdas/domain/secret.ts';
import type { Pipeline, PipelineContext } from '../../lambdas/engine/pipeline.ts';
import { destinationClient, sourceClient } from '../../lambdas/gitlab/connections.ts';
import { appliesTo, GROUP_PIPELINES, pipelineFile } from '../../lambdas/pipelines/stages.ts';
import { environment } from '../../lambdas/platform/environment.ts';
import { takeIds } from '../../lambdas/store/counters.ts';
import { createEntity, type Entity, getEntity, listEntities } from '../../lambdas/store/entities.ts';
import { createImport, type Import } from '../../lambdas/store/imports.ts';

type AnyPipeline = Pipeline<unknown, unknown, unknown>;

/**
 * What a careful script would do: the very pipelines of the service, so exactly the same calls, but group after
 * group, relation after relation, record after record.
 *
 * @returns seconds, and how many groups were migrated
 */
export async function migrateSequentially(options: {
  sourceUrl: string;
  token: string;
  root: { path: string; id: number; slug: string };
}): Promise<{ seconds: number; groups: number }> {
  const record = await newImport(options.sourceUrl);
  await createEntity({
    id: await takeIds('ENTITY'),
    importId: record.id,
    destinationUrl: record.destinationUrl,
    userId: record.userId,
    sourceType: 'group_entity',
    sourceFullPath: options.root.path,
    sourceId: options.root.id,
    destinationSlug: options.root.slug,
    destinationNamespace: '',
    parentId: null,
    generation: 0,
    migrateProjects: true,
    migrateMemberships: true,
  });
  const token = new Secret(options.token);
  const clients = { source: sourceClient(options.sourceUrl, token), destination: destinationClient(token) };
  const pipelines = await loadPipelines();

  const start = performance.now();
  const done = new Set<number>();
  for (;;) {
    const entity = (await listEntities(record.id)).find(({ id }) => !done.has(id));
    if (entity === undefined) break;
    await migrate(entity, record, clients, pipelines);
    done.add(entity.id);
  }
  return { seconds: (performance.now() - start) / 1000, groups: done.size };
}

async function newImport(sourceUrl: string): Promise<Import> {
  const now = new Date().toISOString();
  const record: Import = {
    id: await takeIds('IMPORT'),
    destinationUrl: environment.destinationUrl(),
    userId: 0,
    status: 'started',
    sourceUrl,
    sourceVersion: '17.11.2-ee',
    sourceEnterprise: true,
    hasFailures: false,
    correlationId: 'bench',
    createdAt: now,
    updatedAt: now,
  };
  await createImport(record);
  return record;
}

async function loadPipelines(): Promise<AnyPipeline[]> {
  return Promise.all(
    GROUP_PIPELINES.map(async ({ name }) => {
      const module = (await import(`../../lambdas/pipelines/${pipelineFile(name)}.ts`)) as Record<
        string,
        unknown
      >;
      const pipeline = Object.values(module).find(value => (value as AnyPipeline).name === name);
      if (pipeline === undefined) throw new Error(`The pipeline '${name}' is not exported.`);
      return pipeline as AnyPipeline;
    }),
  );
}

async function migrate(
  { importId, id }: Entity,
  record: Import,
  clients: Pick<PipelineContext, 'source' | 'destination'>,
  pipelines: AnyPipeline[],
): Promise<void> {
  for (const [index, pipeline] of pipelines.entries()) {
    const entity = await getEntity(importId, id);
    const entry = GROUP_PIPELINES[index];
    if (entry === undefined || !appliesTo(entry, entity)) continue;
    const context = { ...clients, record, entity, groupId: () => entity.namespaceId ?? 0 };
    const known = await pipeline.prepare(context);
    let cursor: string | null = null;
    do {
      const page = await pipeline.extract(context, cursor);
      for (const source of page.records) {
        const attributes = pipeline.transform(source, context);
        if (attributes !== undefined) await pipeline.load(attributes, context, known);
      }
      cursor = page.next;
    } while (cursor !== null);
  }
}
