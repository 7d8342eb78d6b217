import { Secret } from '../../../lambdas/domain/secret.ts';
import { onlyPage, type Relation, type StagedEntry } from '../../../lambdas/engine/relation.ts';
import { runEntity } from '../../../lambdas/engine/run-entity.ts';
import type { RunEvent, RunResult } from '../../../lambdas/engine/run-event.ts';
import { TemporaryError } from '../../../lambdas/gitlab/errors.ts';
import { getEntity } from '../../../lambdas/store/entities.ts';
import type { Entity } from '../../../lambdas/store/entity.ts';
import { type Failure, listFailures } from '../../../lambdas/store/failures.ts';
import { getImport, type Import } from '../../../lambdas/store/imports.ts';
import { keys } from '../../../lambdas/store/keys.ts';
import { putTokens } from '../../../lambdas/store/sealed-tokens.ts';
import { updateItem } from '../../../lambdas/store/table-updates.ts';
import { storeEntity, storeImport } from '../table/stored-records.ts';
import { laneOfGroups } from './lane-of-groups.ts';

/** A relation whose records are their own names. */
export type NamedRelation = Relation<string, string, undefined> & StagedEntry;

/** What a relation does otherwise. */
export type RelationChanges = Partial<NamedRelation> & { records?: string[] };

/** A relation that asks no GitLab, at its place in the stages. What is not said it does well, and at once. */
export function relationOf(
  name: string,
  { records = [`${name}-1`], ...others }: RelationChanges = {},
): NamedRelation {
  return {
    name,
    pipelineClass: `Sample::${name}`,
    relation: name,
    stage: 1,
    parallel: 1,
    read: async () => onlyPage(records),
    existing: async () => undefined,
    nameOf: record => ({ key: record, title: record }),
    want: record => record,
    decide: () => 'create',
    create: async () => 'imported',
    ...others,
  };
}

/** Trouble that a GitLab wants to be waited for. */
function trouble(retryAfter: number): TemporaryError {
  return new TemporaryError('Retry later.', {
    instance: 'destination',
    method: 'POST',
    reason: '429 Retry later',
    waitsFor: 'limit',
    retryAfter,
  });
}

/** A relation that its GitLab asks to wait so many times before it goes on. @returns it and when it was asked */
export function waiting(name: string, seconds: number, times = 1) {
  let asked = 0;
  const relation = relationOf(name, {
    async create() {
      asked += 1;
      if (asked <= times) throw trouble(seconds);
      return 'imported';
    },
  });
  return { relation, asked: () => asked };
}

/** A moment that several relations have come to. */
export function meeting(of: number) {
  const met = Promise.withResolvers<void>();
  let left = of;
  return () => {
    left -= 1;
    if (left === 0) met.resolve();
    return met.promise;
  };
}

/** Reads these records page by page, one to a page: the engine saves after each. */
export function onePerPage(records: string[]): NamedRelation['read'] {
  return async (_, cursor) => {
    const index = Number(cursor ?? 0);
    const next = index + 1 < records.length ? String(index + 1) : null;
    return { records: records.slice(index, index + 1), next, total: records.length };
  };
}

/** What a Lambda of a lane has, in milliseconds. */
const LAMBDA_MS = 900_000;

/** An entity that has these relations and no others. */
export interface EntityInLane {
  readonly event: RunEvent;
  /** Runs it once, as the workflow does. */
  run(event?: Partial<RunEvent>, remainingMs?: number): Promise<RunResult>;
  /** Lets the waits of its relations be over, as if their time had passed. */
  endWaits(): Promise<void>;
  entity(): Promise<Entity>;
  record(): Promise<Import>;
  failures(): Promise<Failure[]>;
  /** How its relations are shown, by name. */
  statuses(): Promise<Record<string, string>>;
}

/** Stores an import of one entity, ready to be run. */
export async function entityInLane(
  relations: readonly NamedRelation[],
  attributes: Partial<Entity> = {},
  ofImport: Partial<Pick<Import, 'kind'>> = {},
): Promise<EntityInLane> {
  const bulkImport = await storeImport(7, { status: 'started', ...ofImport });
  const { importId, id } = await storeEntity(bulkImport, attributes);
  await putTokens(bulkImport, {
    source: new Secret('sample-source-token'),
    destination: new Secret('sample-destination-token'),
  });
  const event = { importId, attempt: 1, entityId: id, functionName: 'lane' };
  const entity = () => getEntity(importId, id);
  return {
    event,
    run: (changes = {}, remainingMs = LAMBDA_MS) =>
      runEntity(laneOfGroups(relations), { ...event, ...changes }, Date.now() + remainingMs),
    async endWaits() {
      const { trackers } = await entity();
      for (const [name, { waiting }] of Object.entries(trackers)) {
        if (waiting === null) continue;
        const over = { [`trackers.${name}.waiting.until`]: new Date().toISOString() };
        await updateItem(keys.entity(importId, id), { set: over });
      }
    },
    entity,
    record: () => getImport(importId),
    failures: () => listFailures(importId, id),
    async statuses() {
      const { trackers } = await entity();
      return Object.fromEntries(Object.entries(trackers).map(([name, { status }]) => [name, status]));
    },
  };
}
