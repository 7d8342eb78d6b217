import * as z from 'zod/mini';
import { STATUSES } from '../../domain/statuses.ts';
import { bulkImportSchema, time } from './import-schema.ts';

const ENDED_ONLY = 'Null until the plan has come to its end.';

/** How many records would come to which end. */
export const changesSchema = z.object({
  create: z.int().check(z.describe('They would be made.')),
  update: z.int().check(z.describe('They are there, and would be changed.')),
  unchanged: z.int().check(z.describe('They are there already, as they should be.')),
  skip: z.int().check(z.describe('They would be left out on purpose; `stats` says why.')),
  blocked: z.int().check(z.describe('They could not be moved; each has a failure that says what to do.')),
  unknown: z
    .int()
    .check(
      z.describe('Only the attempt can tell, as where a licence is needed, or of what is in an archive.'),
    ),
});

/** How large the archives of projects would roughly be: repository, wiki, LFS, uploads and snippets. */
export const archivesSchema = z.object({
  projects: z.int(),
  size: z.int().check(z.describe('Bytes, of those projects of which the source says it.')),
  unknown: z.int().check(z.describe('Projects of which the source does not say it for its token.')),
});

/** A plan: what an import of the same request would do. */
export const planSchema = z.object({
  id: z.int(),
  status: z.enum(STATUSES),
  source_type: z.literal('gitlab'),
  source_url: z.nullable(z.string()),
  entities_count: z.int().check(z.describe('Groups and projects that were found so far.')),
  has_blockers: z.boolean().check(z.describe('Whether anything could not be moved as it is now.')),
  failure: bulkImportSchema.shape.failure,
  created_at: time(),
  updated_at: time(),
  expires_at: time().check(z.describe('Until when an import can be bound to it by `plan_id`.')),
  changes: z.nullable(changesSchema).check(z.describe(`Over all groups and projects. ${ENDED_ONLY}`)),
  destination_writes: z
    .nullable(z.int())
    .check(
      z.describe(
        `Records of the destination that would be made or changed, each once however many requests it takes. ${ENDED_ONLY}`,
      ),
    ),
  seconds: z
    .nullable(z.int())
    .check(
      z.describe(
        "How long that takes at the destination's limit, if nobody else uses it; null where no limit is known.",
      ),
    ),
  emails: z
    .nullable(z.int())
    .check(z.describe(`E-mails that the destination would send to new members. ${ENDED_ONLY}`)),
  users: z
    .nullable(z.object({ mapped: z.int(), matched: z.int(), unmatched: z.int() }))
    .check(
      z.describe(
        `Members at the source, each once: with a counterpart by a user mapping, by their public e-mail address, or without one. ${ENDED_ONLY}`,
      ),
    ),
  archives: z
    .nullable(archivesSchema)
    .check(
      z.describe(
        `What the archives of the projects would hold, as the source counts its storage; no artifacts, packages or images. ${ENDED_ONLY}`,
      ),
    ),
  not_migrated: z
    .nullable(z.array(z.object({ relation: z.string(), source: z.int() })))
    .check(z.describe(`What is not moved, and how many records of it the source has. ${ENDED_ONLY}`)),
});
