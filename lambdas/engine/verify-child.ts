import { shortened } from '../domain/failure-message.ts';
import { isHeld } from '../store/children.ts';
import type { Entity } from '../store/entity.ts';
import type { Fared } from './attempt.ts';
import type { PipelineContext, RelationEntry } from './relation.ts';

/** So many are named for each group; the figures count them all. */
const MOST_NAMED = 20;
const LONGEST_PATH = 255;

/** A subgroup or project that the source lists in a group. */
export type Listed = Pick<Entity, 'sourceType' | 'sourceId' | 'sourceFullPath'>;

/** It has an entity of its own, which is verified by itself. */
const VERIFIED_BY_ITSELF: Fared = { outcome: 'imported' };

/**
 * What a verification makes of a subgroup or project that the source lists. One of which the import has an entity says for
 * itself what has become of it; any other is missing, or new at the source, and then named: it has no failure.
 *
 * @param tell what becomes of a record that is not at the destination
 */
export async function verifyChild(
  { relation }: Pick<RelationEntry, 'relation'>,
  context: PipelineContext,
  listed: Listed,
  tell: () => Promise<Fared>,
): Promise<Fared> {
  if (await isHeld(context.entity.importId, listed)) return VERIFIED_BY_ITSELF;
  const fared = await tell();
  if (fared.outcome !== 'failed') noteNew(relation, context, listed.sourceFullPath);
  return fared;
}

function noteNew(relation: string, { entity, noteOnEntity }: PipelineContext, fullPath: string): void {
  const named = entity.newAtSource?.[relation] ?? [];
  const path = shortened(fullPath, LONGEST_PATH);
  // Another run may have met it before.
  if (named.length >= MOST_NAMED || named.includes(path)) return;
  noteOnEntity({ newAtSource: { ...entity.newAtSource, [relation]: [...named, path] } });
}
