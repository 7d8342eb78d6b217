import * as z from 'zod/mini';
import { newIn } from '../../report/verification.ts';
import { type Entity, isSome } from '../../store/entity.ts';
import type { Import } from '../../store/imports.ts';
import { figuresOf } from './present-verification.ts';
import { presentEntities } from './presenters.ts';
import { entitySchema } from './record-schemas.ts';
import { figuresSchema } from './verification-schema.ts';

/** An entity of a verification: that of the import, under its id, and what was found of its records. */
export const verifiedEntitySchema = z.extend(entitySchema, {
  verified: z
    .record(z.string(), figuresSchema)
    .check(
      z.describe(
        'By relation, of those that have records. `subgroup_entities` and `project_entities` have what the source lists in the group and the import has no entity of.',
      ),
    ),
  new_at_source: z
    .array(
      z.object({ source_type: z.enum(['group_entity', 'project_entity']), source_full_path: z.string() }),
    )
    .check(
      z.describe(
        'Subgroups and projects that the group has got since the import: the first 20 of each kind; `verified` counts them all.',
      ),
    ),
});

/** Presents entities of a verification, with what is missing or different. */
export async function presentVerifiedEntities(
  entities: Entity[],
  { subjectId }: Import,
): Promise<z.infer<typeof verifiedEntitySchema>[]> {
  const presented = await presentEntities(entities);
  return presented.map((shown, index) =>
    verifiedEntitySchema.parse({
      new_at_source: newIn(entities[index] as Entity).map(({ type, sourceFullPath }) => ({
        source_type: `${type}_entity`,
        source_full_path: sourceFullPath,
      })),
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
