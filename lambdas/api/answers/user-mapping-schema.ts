import * as z from 'zod/mini';
import { time } from './import-schema.ts';

/** A user mapping as a POST answers with it; its users are in its CSV. */
export const userMappingSchema = z.object({
  id: z.int().check(z.describe('What `user_mapping_id` of an import takes. It means the same for ever.')),
  source_hostname: z.string().check(z.describe('The source that it is for, e.g. `old.example.com`.')),
  rows: z.int(),
  assigned: z.int().check(z.describe('Rows that name a user of the destination.')),
  nobody: z.int().check(z.describe('Rows that leave a user out on purpose.')),
  empty: z
    .int()
    .check(z.describe('Rows that decide nothing: these users go by their public e-mail addresses.')),
  created_at: time(),
});
