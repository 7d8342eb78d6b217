import * as z from 'zod/mini';
import { WAITS_FOR } from '../../domain/errors.ts';
import { STATUSES } from '../../domain/statuses.ts';
import { time } from './import-schema.ts';

export { bulkImportSchema } from './import-schema.ts';

/**
 * What the API shows: imports, entities and failures with the fields, types and null rules of GitLab's API. The
 * presenters write through these schemas, clients read through them, and the OpenAPI document is made from them.
 */

/** A failure: the fields of today's GitLab, and those that it had until 16.5 and that its examples still show. */
export const failureSchema = z.object({
  relation: z.string().check(z.describe('E.g. `labels`.')),
  exception_message: z
    .string()
    .check(
      z.maxLength(255),
      z.describe('Where it quotes a GitLab, words with a slash in them are replaced by `[FILTERED]`.'),
    ),
  exception_class: z.string(),
  correlation_id_value: z.string().check(z.describe('One per import, as in the logs.')),
  source_url: z.nullable(z.string()),
  source_title: z
    .nullable(z.string().check(z.maxLength(255)))
    .check(z.describe('Title or name of the record, when the failure is about one.')),
  step: z
    .nullable(z.string())
    .check(z.describe('`extractor`, `transformer`, `loader`, or null for a whole entity.')),
  pipeline_class: z.string(),
  pipeline_step: z.nullable(z.string()).check(z.describe('The same as `step`.')),
  created_at: time(),
  retryable: z
    .boolean()
    .check(
      z.describe(
        'Whether a retry may bring it as it is: trouble that was given up, or a right that can be granted. Else something has to be changed first.',
      ),
    ),
});

const countsSchema = z.object({
  source: z.int().check(z.describe('Records that the source has.')),
  fetched: z.int().check(z.describe('Records that were read.')),
  imported: z.int().check(z.describe('Records that are at the destination.')),
  skipped: z.int().check(z.describe('Records that were left out on purpose; `skip_reasons` says why.')),
  failed: z.int().check(z.describe('Records that could not be imported; each has a failure.')),
  skip_reasons: z
    .record(z.string(), z.int())
    .check(z.describe('How many records were left out for which reason, e.g. `no_public_email`.')),
});

const waitingSchema = z.object({
  relation: z.string().check(z.describe('E.g. `labels`.')),
  waits_for: z
    .enum(WAITS_FOR)
    .check(
      z.describe(
        '`limit`: our turn, at a GitLab that limits requests; `outage`: a GitLab that does not work; `job`: an export or import at a GitLab.',
      ),
    ),
  instance: z.enum(['source', 'destination']).check(z.describe('The GitLab that is waited for.')),
  until: time().check(z.describe('When it is tried again.')),
  reason: z.string().check(z.describe('What the GitLab said, or what happened to the request.')),
});

/** An entity as GitLab's API shows it. */
export const entitySchema = z.object({
  id: z.int(),
  bulk_import_id: z.int(),
  status: z.enum(STATUSES),
  entity_type: z.enum(['group', 'project']),
  source_full_path: z.string(),
  destination_full_path: z
    .nullable(z.string())
    .check(z.describe('Full path of what was created; null before that.')),
  destination_name: z.string().check(z.describe('The same as `destination_slug`: an older name of it.')),
  destination_slug: z.string().check(z.describe('As it was asked for.')),
  destination_namespace: z.string().check(z.describe('Empty for a top-level group.')),
  parent_id: z
    .nullable(z.int())
    .check(z.describe("The parent group's entity; null for what was asked for itself.")),
  namespace_id: z
    .nullable(z.int())
    .check(z.describe('Id of the created group; null before that, and for projects.')),
  project_id: z.nullable(z.int()).check(z.describe('Id of the created project; else null.')),
  created_at: time(),
  updated_at: time(),
  failures: z
    .array(failureSchema)
    .check(z.describe('The first ones: a response has 1,000 at most, shared by its entities.')),
  migrate_projects: z.boolean(),
  migrate_memberships: z.boolean(),
  excluded_relations: z
    .array(z.string())
    .check(
      z.describe(
        'What is left out of it as it was asked for, by the names of `excluded_relations`; `migrate_projects` and `migrate_memberships` count.',
      ),
    ),
  has_failures: z.boolean(),
  has_more_failures: z
    .boolean()
    .check(z.describe('Whether there are more than `failures` has; the list of failures has all.')),
  stats: z
    .record(z.string(), countsSchema)
    .check(z.describe('Counts by relation; empty before anything was read.')),
  waiting: z
    .array(waitingSchema)
    .check(z.describe('What the relations wait for that cannot go on now; empty when none waits.')),
});
