import * as z from 'zod/mini';
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
});

/** Presents entities of a plan, with what stands against them. */
export async function presentPlanEntities(entities: Entity[]): Promise<z.infer<typeof planEntitySchema>[]> {
  const presented = await presentEntities(entities);
  return presented.map((shown, index) =>
    planEntitySchema.parse({ ...shown, changes: entities[index]?.changes ?? {} }),
  );
}
