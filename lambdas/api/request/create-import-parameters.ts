import * as z from 'zod/mini';
import { Secret } from '../../domain/secret.ts';
import { badRequest } from '../answers/http-errors.ts';
import { choiceProblems, choiceShape, chosen } from './choice-parameters.ts';
import {
  asObject,
  checkShape,
  flag,
  integer,
  matching,
  oneOf,
  optional,
  text,
  type Values,
} from './parameters.ts';
import { isGroupPath, isSlug, isSourcePath, SLUG } from './path-rules.ts';

const notAPath = (example: string) =>
  `must be a relative path and not include protocol, sub-domain, or domain information. For example, '${example}' not 'https://example.com/${example}'`;

/** The rule for slugs, as GitLab puts it into its 400 and 422 answers. */
export const SLUG_RULE =
  "can only include non-accented letters, digits, '_', '-' and '.'. It must not start with '-', '_', or '.', nor end with '-', '_', '.', '.git', or '.atom'. For example, 'destination_namespace' not 'destination/namespace'";

/**
 * Most entities of one request. The checks ask about fifty at a time: some eighty requests for all of these, 24 at a
 * time, which take 2 of their 20 seconds at GitLabs that need 100 ms for a response. What limits the number is the
 * rest of a request's 30 seconds, in which every entity is written.
 */
export const MOST_ENTITIES = 1_000;
/** GitLab's limit for a path. */
const LONGEST_SLUG = 255;

const SOURCE_PATH_RULE = notAPath('source/full/path');

/** The parameters of `configuration`, which names the source. */
export const configurationShape = {
  url: text(z.describe('Base URL of the source GitLab; 255 characters at most.')),
  access_token: text(z.describe('Token of the source with the scope `api`; 255 characters at most.')),
};

const slug = (description: string) =>
  optional(
    text(
      matching(isSlug, SLUG_RULE),
      matching(value => value.length <= LONGEST_SLUG, `is too long (maximum is ${LONGEST_SLUG} characters)`),
      z.meta({ description, pattern: SLUG.source, maxLength: LONGEST_SLUG }),
    ),
  );

/** The parameters of each element of `entities`. */
export const entityShape = {
  source_type: oneOf(['group_entity', 'project_entity']),
  source_full_path: text(
    matching(isSourcePath, SOURCE_PATH_RULE),
    z.describe('Full path of the group or project at the source.'),
  ),
  destination_namespace: text(
    matching(value => value.trim() === '' || isGroupPath(value), notAPath('destination/full/path')),
    z.describe('Full path of an existing group, or empty for a top-level group.'),
  ),
  destination_slug: slug(`Path of the new group or project: it ${SLUG_RULE}.`),
  destination_name: slug('The older name of `destination_slug`; one of the two is required.'),
  migrate_projects: flag(true),
  migrate_memberships: flag(true),
  ...choiceShape,
};

/** Whether a verification follows. */
export const verifyFlag = flag(false).check(
  z.describe('Whether both sides are read again when it has come to its end, as by a verification.'),
);

/** The parameters beside `configuration` and `entities`, which a GitLab ignores. */
export const ownShape = {
  plan_id: optional(
    integer(
      undefined,
      z.describe(
        'The plan that the request was looked at with: of the same request, finished, without blockers and less than a day old.',
      ),
    ),
  ),
  user_mapping_id: optional(
    integer(undefined, z.describe('A user mapping of the source, which says who its members are here.')),
  ),
  verify: verifyFlag,
};

/** What a caller wants to be migrated, with GitLab's two names for the slug made one. */
export interface RequestedEntity {
  sourceType: 'group_entity' | 'project_entity';
  sourceFullPath: string;
  destinationSlug: string;
  destinationNamespace: string;
  migrateProjects: boolean;
  migrateMemberships: boolean;
  /** Which other relations are asked for or ruled out; absent where all are as they are by default. */
  relations?: Record<string, boolean>;
}

export interface CreateImportParameters {
  url: string;
  accessToken: Secret;
  entities: RequestedEntity[];
  /** The plan that it is bound to. */
  planId?: number;
  /** Absent where nothing was decided about the users of the source. */
  userMappingId?: number;
  /** Whether it is verified when it has come to its end. */
  verify?: true;
}

/**
 * Reads the parameters of `POST /bulk_imports`.
 *
 * @throws the 400 that names every problem: those of `configuration` first, then those of the entities parameter by
 *   parameter, as Grape lists them
 */
export function parseCreateImport(input: Record<string, unknown>): CreateImportParameters {
  const configuration = checkConfiguration(input.configuration);
  const entities = checkEntities(input.entities);
  // As Grape has it, a number of which nothing is given is none.
  const given = Object.entries(input).filter(([, value]) => value !== '');
  const own = checkShape(ownShape, Object.fromEntries(given), name => name);
  const problems = [...configuration.problems, ...entities.problems, ...[...own.problems.values()].flat()];
  const { plan_id: planId, user_mapping_id: userMappingId, verify } = own.values;
  if (problems.length > 0) throw badRequest(problems);
  return {
    url: configuration.values.url.trim(),
    accessToken: new Secret(configuration.values.access_token.trim()),
    entities: entities.values,
    ...(planId !== undefined && { planId }),
    ...(userMappingId !== undefined && { userMappingId }),
    ...(verify && { verify }),
  };
}

function checkConfiguration(value: unknown) {
  const object = asObject(value);
  const { values, problems } = checkShape(configurationShape, object ?? {}, name => `configuration[${name}]`);
  const own =
    object === undefined
      ? [`configuration ${value === undefined || value === null ? 'is missing' : 'is invalid'}`]
      : [];
  return { values, problems: [...own, ...[...problems.values()].flat()] };
}

function checkEntities(value: unknown): { values: RequestedEntity[]; problems: string[] } {
  if (value === undefined || value === null) return { values: [], problems: ['entities is missing'] };
  const parsed = z.array(z.unknown()).safeParse(value);
  const elements = parsed.success ? parsed.data.map(asObject) : [undefined];
  if (elements.includes(undefined)) return { values: [], problems: ['entities is invalid'] };
  if (elements.length === 0) return { values: [], problems: ['entities is empty'] };
  if (elements.length > MOST_ENTITIES) {
    return { values: [], problems: [`entities is too long (maximum is ${MOST_ENTITIES} elements)`] };
  }

  const checked = elements.map((element, index) =>
    checkShape(entityShape, element ?? {}, name => `entities[${index}][${name}]`),
  );
  const byParameter = Object.keys(entityShape).flatMap(name =>
    checked.flatMap(({ problems }, index) => [
      ...(problems.get(name) ?? []),
      ...(name === 'source_full_path' && isAbsent(elements[index]?.[name])
        ? [`entities[${index}][${name}] ${SOURCE_PATH_RULE}`]
        : []),
    ]),
  );
  const names = elements.flatMap((element, index) => checkNames(element ?? {}, index));
  const choices = checked.flatMap(({ values }, index) =>
    choiceProblems(values, name => `entities[${index}][${name}]`),
  );
  return {
    values: checked.map(({ values }) => toRequestedEntity(values)),
    problems: [...byParameter, ...names, ...choices],
  };
}

function checkNames(element: Record<string, unknown>, index: number): string[] {
  const given = ['destination_slug', 'destination_name'].filter(name => !isAbsent(element[name]));
  const both = `entities[${index}][destination_slug], entities[${index}][destination_name]`;
  if (given.length === 2) return [`${both} are mutually exclusive`];
  return given.length === 1 ? [] : [`${both} are missing, at least one parameter must be provided`];
}

const isAbsent = (value: unknown) => value === undefined || value === null;

function toRequestedEntity(values: Values<typeof entityShape>): RequestedEntity {
  const { members = true, project_entities: projects = true, ...relations } = chosen(values);
  return {
    sourceType: values.source_type,
    sourceFullPath: values.source_full_path,
    destinationSlug: values.destination_slug ?? values.destination_name ?? '',
    destinationNamespace: (values.destination_namespace ?? '').trim(),
    migrateProjects: values.migrate_projects && projects,
    migrateMemberships: values.migrate_memberships && members,
    ...(Object.keys(relations).length > 0 && { relations }),
  };
}
