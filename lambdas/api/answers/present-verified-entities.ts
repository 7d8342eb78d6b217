import * as z from 'zod/mini';
import { type Entity, isSome } from '../../store/entity.ts';
import type { Import } from '../../store/imports.ts';
import { figuresOf } from './present-verification.ts';
import { presentEntities } from './presenters.ts';
import { entitySchema } from './record-schemas.ts';
import { figuresSchema } from './verification-schema.ts';

/** An entity of a verification: that of the import, under its id, and what was found of its records. */
export const verifiedEntitySchema = z.extend(entitySchema, {
  verified: z.record(z.string(), figuresSchema).check(z.describe('By relation, of those that have records.')),
});

/** Presents entities of a verification, with what is missing or different. */
export async function presentVerifiedEntities(
  entities: Entity[],
  { subjectId }: Import,
): Promise<z.infer<typeof verifiedEntitySchema>[]> {
  const presented = await presentEntities(entities);
  return presented.map((shown, index) =>
    verifiedEntitySchema.parse({
      ...shown,
      bulk_import_id: subjectId,
      verified: Object.fromEntries(
        Object.entries(entities[index]?.changes ?? {})
          .filter(([, changes]) => isSome(changes))
          .map(([relation, changes]) => [relation, figuresOf(changes)]),
      ),
    }),
  );
}
