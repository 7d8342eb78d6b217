import { type Changes, sumChanges } from '../store/changes.ts';
import type { Entity } from '../store/entity.ts';
import type { Failure } from '../store/failures.ts';
import type { Import } from '../store/imports.ts';
import type { CausedFailure } from './causes.ts';
import type { VerifiedFigures } from './figures.ts';
import type { NewAtSource, Problem } from './report.ts';

/** A verification as it is read, in pages. It has read both GitLabs, and none of our counts. */
export interface VerificationSources {
  /** When it ended. */
  at: string;
  /** Copies of the import's entities, under the same ids. */
  entities: AsyncIterable<VerifiedEntity[]>;
  /** What differs or is missing, and what could not be compared, by entity. */
  failures: AsyncIterable<VerifiedFailure[]>;
}

/** Whether a verification is of what is there: it has begun since the import has changed last, by a retry say. */
export const holdsOf = (
  { updatedAt }: Pick<Import, 'updatedAt'>,
  { startedAt = '' }: Pick<Import, 'startedAt'>,
): boolean => startedAt >= updatedAt;

/** Of a verification `changes` are what its run would have done about records that are not as they should be. */
export type VerifiedEntity = Pick<Entity, 'id' | 'changes' | 'newAtSource'>;

/** By which relation a group lists what is in it, and under which that counts: groups and projects have one each. */
const LISTED: Readonly<Record<string, string>> = { subgroup_entities: 'group', project_entities: 'project' };

/** What was found of an entity by relations that have records: a subgroup or project that has no entity is one of its kind. */
export function ofRecords(changes: Readonly<Record<string, Changes>>): Record<string, Changes> {
  const found: Record<string, Changes> = {};
  for (const [name, one] of Object.entries(changes)) {
    const { create, unknown, blocked } = one;
    if (LISTED[name] !== undefined && create + unknown + blocked === 0) continue;
    const relation = LISTED[name] ?? name;
    found[relation] = found[relation] === undefined ? one : sumChanges([found[relation], one]);
  }
  return found;
}

/** What a group has got, as far as it is named. */
export const newIn = ({ id, newAtSource = {} }: VerifiedEntity): NewAtSource[] =>
  Object.entries(newAtSource).flatMap(([relation, paths]) =>
    paths.map(sourceFullPath => ({
      entityId: id,
      type: LISTED[relation] === 'group' ? ('group' as const) : ('project' as const),
      sourceFullPath,
    })),
  );

export type VerifiedFailure = CausedFailure & Pick<Failure, 'step'>;

/** What a verification has found, by what its run would have done: what it would create is missing. */
export function verifiedFigures({ create, update, unchanged, unknown, blocked }: Changes): VerifiedFigures {
  return {
    matched: unchanged,
    different: update,
    missing: create,
    // What the import has neither written nor failed at, so that nobody knows what would become of it.
    newAtSource: unknown,
    // Each that is missing has failed; what else has failed was not compared.
    unverified: Math.max(0, blocked - create),
  };
}

/** The names of the fields in `… other than at the source: color is '#fff' instead of '#000'; description is …`. */
export function fieldsIn({ exceptionClass, exceptionMessage }: CausedFailure): string[] {
  if (exceptionClass !== DIFFERENT) return [];
  return [...exceptionMessage.matchAll(/[:;] (\w+) is /g)].map(([, name = '']) => name);
}

const DIFFERENT = 'BulkImports::DifferentRecordError';

/** What a failure of a verification says of its record. */
export function kindOf(failure: VerifiedFailure): Problem['kind'] {
  if (failure.exceptionClass === DIFFERENT) return 'different';
  // Nobody knows what is missing of a list that was not read at the destination.
  return failure.step === 'loader' && !isOfRelation(failure) ? 'missing' : 'failed';
}

/** Whether a failure is that of a relation as a whole, such as a list that was not read, and of no single record. */
export function isOfRelation({ sourceTitle, isCounted = false }: CausedFailure): boolean {
  return sourceTitle === null && !isCounted;
}
