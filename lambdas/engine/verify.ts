import { DifferentRecordError, MissingRecordError } from '../domain/errors.ts';
import { listing, messageText } from '../domain/failure-message.ts';
import type { Decided, Fared } from './attempt.ts';
import { isNewAtSource } from './met-records.ts';
import { foreseen } from './planned.ts';
import { Change, type PipelineContext, type Relation, Skip, type StagedEntry } from './relation.ts';
import { isTrouble } from './trouble.ts';
import { type Listed, verifyChild } from './verify-child.ts';

const MATCHED: Fared = { outcome: 'imported', foreseen: foreseen('unchanged', { writes: 0 }) };
/** It is neither right nor wrong, and no failure: only another attempt of the import would tell what becomes of it. */
const NEW_AT_SOURCE: Fared = {
  outcome: 'imported',
  foreseen: foreseen('create', { writes: 0, isUnknown: true }),
};

/**
 * What a verification makes of what was decided about a record: what would be created is missing, or new at the source,
 * what would be changed or is not as it should be is different, and all else matches. What is missing or different is told
 * as a failure; what is different is there.
 */
export async function verify<Source, Wanted, Existing>(
  relation: Relation<Source, Wanted, Existing> & StagedEntry,
  context: PipelineContext,
  existing: Existing,
  record: Source,
  decided: Decided<Wanted>,
): Promise<Fared> {
  const name = relation.nameOf(record, context);
  const missing = async (error: unknown): Promise<Fared> =>
    (await isNewAtSource(relation, context, name, decided.wanted))
      ? NEW_AT_SOURCE
      : { outcome: 'failed', step: 'loader', error, foreseen: foreseen('create', { writes: 0 }) };
  try {
    if ('outcome' in decided && decided.outcome !== 'imported') return await ofUndecided(decided, missing);
    if (relation.makesEntities) {
      const isNot = () => missing(new MissingRecordError(missingFrom(context)));
      return await verifyChild(relation, context, decided.wanted as Listed, isNot);
    }
    const differs = await differencesOf(relation, context, existing, record, decided);
    if (differs === undefined) return await missing(new MissingRecordError(missingFrom(context)));
    if (differs.length === 0) return MATCHED;
    const { key, ...others } = name;
    const error = new DifferentRecordError(listing(OTHER, [...differs], BY_HAND));
    await context.recordFailure('loader', { key: `different:${key}`, ...others }, error);
    return { outcome: 'imported', foreseen: foreseen('update', { writes: 0 }) };
  } catch (error) {
    return ofUndecided({ outcome: 'failed', step: 'loader', error }, missing);
  }
}

/** What cannot be decided about is not there as it should be; who has access in another way has what was to arrive. */
async function ofUndecided(fared: Fared, missing: (error: unknown) => Promise<Fared>): Promise<Fared> {
  if (fared.outcome instanceof Skip && fared.outcome.reason === 'has_access') return MATCHED;
  if (fared.outcome !== 'failed' || isTrouble(fared.error)) return fared;
  return missing(fared.error);
}

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
