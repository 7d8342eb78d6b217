import * as z from 'zod/mini';
import { AUDIT_RESULTS } from '../../store/audit-events.ts';
import { time } from './import-schema.ts';

/**
 * An audit event: the fields of GitLab's own (docs.gitlab.com/api/audit_events), so that what reads those reads these.
 * Whose values were sent, bodies, queries and tokens, is nowhere in it.
 */
export const auditEventSchema = z.object({
  id: z.string(),
  author_id: z.int().check(z.describe('Id of the user at the destination with whose token it was written.')),
  entity_id: z
    .nullable(z.int())
    .check(z.describe('Id of the group or project at the destination; null where none was made.')),
  entity_type: z.enum(['Group', 'Project']),
  event_name: z.string().check(z.describe('What was written, e.g. `label_created`.')),
  created_at: time().check(z.describe('When it was written down, just before it was sent.')),
  details: z.object({
    custom_message: z.string().check(z.describe('E.g. `create the label`.')),
    target_type: z.string().check(z.describe('E.g. `Label`.')),
    target_id: z.nullable(z.int()).check(z.describe('Id of the record there, as far as it was told.')),
    target_details: z
      .nullable(z.string().check(z.maxLength(255)))
      .check(z.describe('Title or name of the record.')),
    target_part_of: z
      .nullable(z.string().check(z.maxLength(255)))
      .check(z.describe('Of what it is a part, as a list is of a board.')),
    entity_path: z.nullable(z.string()).check(z.describe('Full path of the group or project.')),
    relation: z.string(),
    method: z.string(),
    path: z.string().check(z.describe('Without query.')),
    attributes: z.array(z.string()).check(z.describe('Names of what was sent.')),
    result: z
      .enum(AUDIT_RESULTS)
      .check(
        z.describe(
          '`sent` until it is known; `found`: no answer came, and the record was there later; `not_found`: none came, it was not there, and it was sent again; `not_sent`: there was no connection.',
        ),
      ),
    status: z.nullable(z.int()).check(z.describe('HTTP status of the response; null without one.')),
    request_id: z
      .nullable(z.string())
      .check(z.describe("The destination's `x-request-id`, by which its log can be searched.")),
    attempt: z.int(),
    finished_at: z.nullable(time()).check(z.describe('When the result was known.')),
  }),
});
