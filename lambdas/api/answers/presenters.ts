import pLimit from 'p-limit';
import type * as z from 'zod/mini';
import { excludedNames } from '../../domain/choices.ts';
import { LONGEST_MESSAGE, shortened } from '../../domain/failure-message.ts';
import type { Entity } from '../../store/entity.ts';
import { type Failure, listFailures } from '../../store/failures.ts';
import { entitySchema, failureSchema } from './record-schemas.ts';
import { bytesOf, LONGEST_PATH, MOST_BYTES } from './response-size.ts';

export function presentFailure(failure: Failure): z.infer<typeof failureSchema> {
  return failureSchema.parse({
    relation: failure.relation,
    exception_message: failure.exceptionMessage.slice(0, LONGEST_MESSAGE),
    exception_class: failure.exceptionClass,
    correlation_id_value: failure.correlationId,
    source_url: failure.sourceUrl,
    source_title: failure.sourceTitle?.slice(0, LONGEST_MESSAGE) ?? null,
    step: failure.step,
    pipeline_class: failure.pipelineClass,
    pipeline_step: failure.step,
    created_at: failure.createdAt,
    retryable: failure.retryable,
  });
}

/** Failures in one response: a page of `/failures`, which has all of them, takes one request per hundred. */
const MOST_FAILURES = 1_000;
/** Of each entity at least so many, also where a hundred have some. */
const FEWEST_FAILURES = 10;
/** Queries at the same time. */
const PARALLEL = 10;

/**
 * Presents entities with their failures: all of them up to a thousand in one response and 5 MiB, in equal shares and
 * the first ones of each. They are read only when there are some, and only so many. An entity without its failures has
 * 36 KB at most (3.6 MB a page of 100), whatever a GitLab has said, and mostly 2 KB; its failures get what is left.
 */
export async function presentEntities(entities: Entity[]): Promise<z.infer<typeof entitySchema>[]> {
  const failing = entities.filter(({ failuresRecorded }) => failuresRecorded);
  const share = Math.max(FEWEST_FAILURES, Math.floor(MOST_FAILURES / failing.length));
  const read = await pLimit(PARALLEL).map(
    failing,
    async ({ importId, id }): Promise<[number, Failure[]]> => [
      id,
      await listFailures(importId, id, { limit: share + 1 }),
    ],
  );
  const failures = new Map(read);
  const presented = entities.map(withoutFailures);
  let left = MOST_BYTES - presented.reduce((sum, entity) => sum + bytesOf(entity), 0);
  return presented.map(entity => {
    const found = failures.get(entity.id) ?? [];
    const shown: z.infer<typeof failureSchema>[] = [];
    for (const failure of found.slice(0, share).map(presentFailure)) {
      left -= bytesOf(failure);
      if (left < 0) break;
      shown.push(failure);
    }
    return entitySchema.parse({
      ...entity,
      failures: shown,
      has_more_failures: found.length > shown.length,
    });
  });
}

/** Presents one entity with its failures. */
export async function presentEntity(entity: Entity): Promise<z.infer<typeof entitySchema>> {
  const [presented] = await presentEntities([entity]);
  return presented as z.infer<typeof entitySchema>;
}

const shortPath = (path: string): string => shortened(path, LONGEST_PATH);

function withoutFailures(entity: Entity): z.infer<typeof entitySchema> {
  const { destinationFullPath } = entity;
  const slug = shortPath(entity.destinationSlug);
  return {
    id: entity.id,
    bulk_import_id: entity.importId,
    status: entity.status,
    entity_type: entity.sourceType === 'group_entity' ? 'group' : 'project',
    source_full_path: shortPath(entity.sourceFullPath),
    destination_full_path: destinationFullPath === null ? null : shortPath(destinationFullPath),
    destination_name: slug,
    destination_slug: slug,
    destination_namespace: shortPath(entity.destinationNamespace),
    parent_id: entity.parentId,
    namespace_id: entity.namespaceId,
    project_id: entity.projectId,
    created_at: entity.createdAt,
    updated_at: entity.updatedAt,
    failures: [],
    migrate_projects: entity.relations.project_entities ?? true,
    migrate_memberships: entity.relations.members ?? true,
    excluded_relations: excludedNames(entity.sourceType, entity.relations),
    has_failures: entity.hasFailures,
    has_more_failures: false,
    stats: Object.fromEntries(
      Object.entries(entity.stats).map(([relation, { skips, ...counts }]) => [
        relation,
        { ...counts, skip_reasons: skips },
      ]),
    ),
    waiting: presentWaiting(entity),
  };
}

/** What an entity waits for now; a wait whose time has come is over, and is tried again. */
function presentWaiting({ waiting }: Entity, now = new Date().toISOString()) {
  return Object.entries(waiting)
    .filter(([, { until }]) => until > now)
    .map(([relation, { waitsFor, instance, until, reason }]) => ({
      relation,
      waits_for: waitsFor,
      instance,
      until,
      reason: shortened(reason, LONGEST_MESSAGE),
    }));
}
