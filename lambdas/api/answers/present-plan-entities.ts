import * as z from 'zod/mini';
import { noteOnArchive } from '../../report/archive-sizes.ts';
import type { Entity } from '../../store/entity.ts';
import { changesSchema } from './plan-schema.ts';
import { presentEntities } from './presenters.ts';
import { entitySchema } from './record-schemas.ts';

/** An entity of a plan: that of an import, and what would become of its records. */
export const planEntitySchema = z.extend(entitySchema, {
  destination_full_path: z
    .nullable(z.string())
    .check(z.describe('Full path at which it would be; null before that is known.')),
  changes: z.record(z.string(), changesSchema).check(z.describe('By relation, of those that have records.')),
  archive_size: z
    .nullable(z.int())
    .check(
      z.describe(
        'Bytes that the archive of a project would roughly hold; null of a group, and where the source does not say.',
      ),
    ),
  archive_note: z
    .nullable(z.string())
    .check(
      z.describe(
        'What to look at before a project is moved whose archive may be too large. It blocks nothing.',
      ),
    ),
});

/** Presents entities of a plan, with what stands against them. */
export async function presentPlanEntities(entities: Entity[]): Promise<z.infer<typeof planEntitySchema>[]> {
  const presented = await presentEntities(entities);
  return presented.map((shown, index) => planEntitySchema.parse({ ...shown, ...plannedOf(entities[index]) }));
}

function plannedOf(entity: Entity | undefined) {
  const { changes = {}, archiveBytes = null, destinationUrl = '' } = entity ?? {};
  const note = archiveBytes === null ? undefined : noteOnArchive(archiveBytes, destinationUrl);
  return { changes, archive_size: archiveBytes, archive_note: note ?? null };
}
