import { DifferentRecordError, MissingRecordError } from '../domain/errors.ts';
import { listing, messageText } from '../domain/failure-message.ts';
import type { Decided, Fared } from './attempt.ts';
import { foreseen } from './planned.ts';
import { Change, type PipelineContext, type Relation, Skip } from './relation.ts';
import { isTrouble } from './trouble.ts';

const MATCHED: Fared = { outcome: 'imported', foreseen: foreseen('unchanged', { writes: 0 }) };

/**
 * What a verification makes of what was decided about a record: what would be created is missing, what would be changed
 * or is not as it should be is different, and all else matches. Both are told as failures; what is different is there.
 */
export async function verify<Source, Wanted, Existing>(
  relation: Relation<Source, Wanted, Existing>,
  context: PipelineContext,
  existing: Existing,
  record: Source,
  decided: Decided<Wanted>,
): Promise<Fared> {
  // Each of them has an entity of its own, which is verified by itself.
  if (relation.makesEntities) return { outcome: 'imported' };
  if ('outcome' in decided && decided.outcome !== 'imported') return ofUndecided(decided);
  try {
    const differs = await differencesOf(relation, context, existing, record, decided);
    if (differs === undefined) return missing(new MissingRecordError(missingFrom(context)));
    if (differs.length === 0) return MATCHED;
    const { key, ...name } = relation.nameOf(record, context);
    const error = new DifferentRecordError(listing(OTHER, [...differs], BY_HAND));
    await context.recordFailure('loader', { key: `different:${key}`, ...name }, error);
    return { outcome: 'imported', foreseen: foreseen('update', { writes: 0 }) };
  } catch (error) {
    return ofUndecided({ outcome: 'failed', step: 'loader', error });
  }
}

/** What cannot be decided about is not there as it should be; who has access in another way has what was to arrive. */
function ofUndecided(fared: Fared): Fared {
  if (fared.outcome instanceof Skip && fared.outcome.reason === 'has_access') return MATCHED;
  if (fared.outcome !== 'failed' || isTrouble(fared.error)) return fared;
  return missing(fared.error);
}

const missing = (error: unknown): Fared => ({
  outcome: 'failed',
  step: 'loader',
  error,
  foreseen: foreseen('create', { writes: 0 }),
});

/** In words; `undefined` when it is not there. */
async function differencesOf<Source, Wanted, Existing>(
  relation: Relation<Source, Wanted, Existing>,
  context: PipelineContext,
  existing: Existing,
  record: Source,
  decided: Decided<Wanted>,
): Promise<readonly string[] | undefined> {
  const { wanted } = decided;
  if (relation.differences !== undefined && wanted !== undefined) {
    return relation.differences(record, wanted, context, existing);
  }
  if (!('decision' in decided)) return [];
  return decided.decision instanceof Change ? decided.decision.differs : undefined;
}

function missingFrom({ entity }: PipelineContext): string {
  return messageText({
    before: "It is at the source, and not at the destination, in '",
    quoted: entity.destinationFullPath ?? entity.destinationSlug,
    after: "'. Import it again, or add it there by hand.",
  });
}

const OTHER = 'It is at the destination, and other than at the source:';
const BY_HAND = 'Correct it there by hand, unless it was changed on purpose.';
