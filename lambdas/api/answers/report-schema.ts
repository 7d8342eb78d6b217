import * as z from 'zod/mini';
import { STATUSES } from '../../domain/statuses.ts';
import { AUDIT_RESULTS } from '../../store/audit-events.ts';
import { time } from './import-schema.ts';
import { archivesSchema, changesSchema } from './plan-schema.ts';

const VERIFIED = 'Null while nothing was verified.';
const verifiedInt = (what: string) => z.nullable(z.int()).check(z.describe(`${what} ${VERIFIED}`));

/** The figures of a report, of one relation or of all together. */
const figures = {
  source: z.int().check(z.describe('Records that were counted at the source.')),
  imported: z.int(),
  skipped: z.int(),
  failed: z.int(),
  matched: verifiedInt('Records that are at both GitLabs, and alike.'),
  different: verifiedInt('Records that are at both, and differ.'),
  missing: verifiedInt('Records that should be at the destination, and are not.'),
  new_at_source: verifiedInt('Records that came to the source after the import: neither right nor wrong.'),
  unverified: verifiedInt('Records that could not be compared.'),
  planned: z
    .nullable(changesSchema)
    .check(z.describe('What a plan has said would become of them; null without one.')),
};

const accuracy = z
  .nullable(z.number())
  .check(
    z.describe(
      '`matched` of `expected`, rounded down to four digits: 1 only if all is there. Null while nothing was verified; never made of the counts of the import itself.',
    ),
  );

const totalsSchema = z.object({
  ...figures,
  expected: verifiedInt('`matched` + `different` + `missing`.'),
});

const problemSchema = z.object({
  entity_id: z.int(),
  source_full_path: z.string(),
  relation: z.string(),
  title: z.nullable(z.string()),
  kind: z
    .enum(['failed', 'blocked', 'different', 'missing'])
    .check(z.describe('`blocked` in the report of a plan.')),
  fields: z
    .array(z.string())
    .check(z.describe('Names of the fields that differ, as far as the message has room for them.')),
  message: z.string(),
  retryable: z.boolean().check(z.describe('Whether it may go well another time.')),
});

const causeSchema = z.object({
  relation: z.string(),
  exception_class: z.string(),
  message: z.string().check(z.describe('Without what is quoted, where the failures differ by that.')),
  count: z.int(),
  entities_count: z.int(),
  remedy: z.string().check(z.describe('What to do.')),
  retryable: z.boolean(),
});

const shared = {
  status: z.enum(STATUSES),
  attempt: z.int(),
  created_at: time(),
  updated_at: time(),
  verified_at: z
    .nullable(time())
    .check(z.describe('When both GitLabs were read again; null when they were not.')),
  complete: z
    .nullable(z.boolean())
    .check(
      z.describe(
        'Whether all that was to be migrated was read again and compared, in each group and project, and nothing differs and nothing is missing; what is in `not_migrated` or `new_at_source` is no matter of it. Null while nothing was verified.',
      ),
    ),
  incomplete: z
    .array(z.string())
    .check(z.describe('Why `complete` is false, in sentences; empty where it is not.')),
  accuracy,
  totals: totalsSchema,
  relations: z
    .array(z.object({ relation: z.string(), ...figures, accuracy }))
    .check(z.describe('Relations that move records; the steps of moving a project are not among them.')),
  archives: z
    .nullable(
      z.extend(archivesSchema, {
        notes: z
          .array(
            z.object({
              entity_id: z.int(),
              source_full_path: z.string(),
              size: z.int(),
              note: z.string(),
            }),
          )
          .check(z.describe('Projects whose archives may be too large, the largest first; 100 at most.')),
      }),
    )
    .check(z.describe('Of a plan, what the archives of the projects would come to; null of an import.')),
  skips: z.array(z.object({ relation: z.string(), reason: z.string(), count: z.int() })),
  not_migrated: z
    .array(
      z.object({
        relation: z.string(),
        source: z
          .nullable(z.int())
          .check(z.describe('Records at the source; null where nobody has counted them.')),
        entities_count: z.int().check(z.describe('Groups and projects of which it was not moved.')),
      }),
    )
    .check(
      z.describe(
        'What was ruled out when the import was started, and what a plan or the import has counted that nothing moves, such as the variables of a project, which no archive has.',
      ),
    ),
  new_at_source: z
    .array(
      z.object({
        entity_id: z.int().check(z.describe('The group that has got it.')),
        source_type: z.enum(['group_entity', 'project_entity']),
        source_full_path: z.string(),
      }),
    )
    .check(
      z.describe(
        'Subgroups and projects that came to the source after the import: the first 20 of each kind in each group, 1,000 at most. The figures have them all.',
      ),
    ),
  causes: z
    .array(causeSchema)
    .check(z.describe('Failures by what caused them, the most frequent first; 100 at most.')),
  causes_total: z.int(),
  problems: z.array(problemSchema).check(z.describe('The first ones, 1,000 at most.')),
  problems_total: z.int(),
  writes: z
    .array(z.object({ target_type: z.string(), result: z.enum(AUDIT_RESULTS), count: z.int() }))
    .check(z.describe('What was written at the destination, as the audit events of the entities tell.')),
  all_writes_read: z
    .boolean()
    .check(z.describe('False for an import with more audit events than are read for this.')),
  all_failures_read: z
    .boolean()
    .check(
      z.describe(
        'False for an import with more failures than are read: `problems_total` counts those that were.',
      ),
    ),
};

/** What became of an import. */
export const reportSchema = z.object({
  bulk_import_id: z.int(),
  plan_id: z.nullable(z.int()).check(z.describe('The plan that it was bound to, if that is still there.')),
  ...shared,
});

/** What an import would do, as a plan has found it: the same, with `planned`, and nothing that is imported. */
export const planReportSchema = z.object({ plan_id: z.int(), ...shared });
