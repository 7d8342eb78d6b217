import type { Entity } from '../store/entity.ts';
import { type Failure, listFailures } from '../store/failures.ts';
import type { Retry } from '../store/imports.ts';
import type { Redone, Tracker } from '../store/trackers.ts';
import { isFailureOf, pipelineKeys } from './record-failures.ts';

/**
 * The relations of an entity that a retry moves again, by their trackers' names; those that never began follow anyway.
 *
 * @returns `undefined` when there is nothing: it has finished, and nothing of it has failed that could be tried again
 */
export async function selectionOf(entity: Entity, retry: Retry): Promise<Record<string, Redone> | undefined> {
  const { importId, id, failuresRecorded, status } = entity;
  if (status === 'canceled' || retry.entityIds?.includes(id) === false) return undefined;
  const failures = failuresRecorded ? await listFailures(importId, id) : [];
  const selection: Record<string, Redone> = {};
  for (const [name, tracker] of Object.entries(entity.trackers)) {
    const redone = redoneOf(name, tracker, failures, retry);
    if (redone !== undefined) selection[name] = redone;
  }
  return Object.keys(selection).length === 0 && status === 'finished' ? undefined : selection;
}

/**
 * Whether a retry that names relations means this failure: by its own relation, or by the one that brings its record.
 *
 * @param relation GitLab's name of the latter
 */
export function isMeant(
  { relation: own }: Pick<Failure, 'relation'>,
  relation: string,
  { relations }: Retry,
): boolean {
  return relations === undefined || relations.includes(relation) || relations.includes(own);
}

function redoneOf(name: string, tracker: Tracker, all: Failure[], retry: Retry): Redone | undefined {
  const { relation, status, counts } = tracker;
  const { scope, relations } = retry;
  if (status === 'skipped') return undefined;
  if (all.some(failure => failure.broughtBy === name && isMeant(failure, relation, retry))) return 'all';
  if (relations?.includes(relation) === false) return undefined;
  const failures = all.filter(isFailureOf(name));
  // One that has come to its end before is not moved as for the first time: people may have changed what it has brought.
  if (status !== 'finished' || failures.some(isOfPipeline))
    return tracker.scope === undefined ? 'all' : 'new';
  const hasFailed = failures.some(({ isCounted = counts.failed > 0 }) => isCounted);
  // What is one as a whole is done as a whole.
  if (hasFailed && counts.source <= 1) return 'all';
  if (scope === 'all') return 'new';
  return hasFailed ? 'failed' : undefined;
}

/** Whether a failure is that of a relation as a whole. */
function isOfPipeline({ key }: Failure): boolean {
  const [stage, name, digest] = key.split('#');
  return pipelineKeys({ stage: Number(stage), name: name ?? '' }).some(one => one.endsWith(`#${digest}`));
}
