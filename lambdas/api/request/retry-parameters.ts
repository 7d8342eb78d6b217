import * as z from 'zod/mini';
import { IMPORTABLE_RELATIONS, RELATION_NAMES } from '../../domain/relation-names.ts';
import { Secret } from '../../domain/secret.ts';
import type { Retry } from '../../store/imports.ts';
import { badRequest } from '../answers/http-errors.ts';
import { configurationShape, MOST_ENTITIES, verifyFlag } from './create-import-parameters.ts';
import { asObject, checkShape, integer, matching, oneOf, optional, text } from './parameters.ts';

/** Relations, and what is told under a name of its own of what `project_import` moves. */
const OTHERS = IMPORTABLE_RELATIONS.filter(name => !RELATION_NAMES.some(other => other === name));
const NAMES = [...RELATION_NAMES, ...OTHERS] as const;

/** A list whose elements are each as their schema says; anything else is invalid as a whole. */
const listOf = <T>(element: z.ZodMiniType<T>, description: string) =>
  optional(
    z
      .array(element, { error: 'is invalid' })
      .check(
        z.minLength(1, 'is empty'),
        z.maxLength(MOST_ENTITIES, TOO_LONG),
        z.describe(description),
      ) as z.ZodMiniType<T[]>,
  );
const TOO_LONG = `is too long (maximum is ${MOST_ENTITIES} elements)`;

/** The parameters of `configuration`: the source's token, which is erased whenever an import ends. */
export const sourceTokenShape = {
  url: optional(
    text(
      z.describe('Base URL of the source GitLab, if it is given: that of the import, which cannot change.'),
    ),
  ),
  access_token: configurationShape.access_token,
};

/** The other parameters of a retry. */
export const retryShape = {
  scope: optional(oneOf(['failed', 'all'])),
  entity_ids: listOf(
    integer(
      undefined,
      matching(id => Number.isSafeInteger(id) && id > 0, 'is invalid'),
    ),
    'Only these entities of the import; all of them without it.',
  ),
  relations: listOf(
    oneOf(NAMES),
    'Only these relations, by their names in `stats` and failures; all of them without it. What an entity never began follows anyway.',
  ),
  user_mapping_id: optional(
    integer(
      undefined,
      z.describe('Another user mapping of the source, from this attempt on; that of the import without it.'),
    ),
  ),
  verify: verifyFlag,
};

/** What a caller wants to be tried again. */
export interface RetryParameters {
  /** As it was given, if it was. */
  url: string | undefined;
  accessToken: Secret;
  retry: Retry;
  /** Whether the import is verified when this attempt has come to its end. */
  verify: boolean;
}

/** Reads the parameters of `POST /bulk_imports/:id/retry`. @throws the 400 that names every problem */
export function parseRetry(input: Record<string, unknown>): RetryParameters {
  const object = asObject(input.configuration);
  const configuration = checkShape(sourceTokenShape, object ?? {}, name => `configuration[${name}]`);
  // As Grape has it, a number of which nothing is given is none.
  const given = input.user_mapping_id === '' ? { ...input, user_mapping_id: undefined } : input;
  const others = checkShape(retryShape, given, name => name);
  const isAbsent = input.configuration === undefined || input.configuration === null;
  const problems = [
    ...(object === undefined ? [`configuration ${isAbsent ? 'is missing' : 'is invalid'}`] : []),
    ...[...configuration.problems.values(), ...others.problems.values()].flat(),
  ];
  if (problems.length > 0) throw badRequest([...new Set(problems)]);
  const {
    scope = 'failed',
    entity_ids: entityIds,
    relations,
    user_mapping_id: userMappingId,
    verify,
  } = others.values;
  return {
    url: configuration.values.url?.trim(),
    accessToken: new Secret(configuration.values.access_token.trim()),
    retry: {
      scope,
      ...(entityIds !== undefined && { entityIds }),
      ...(relations !== undefined && { relations }),
      ...(userMappingId !== undefined && { userMappingId }),
    },
    verify,
  };
}
