import { verificationSchema } from '../../../lambdas/api/answers/verification-schema.ts';
import type { Entity } from '../../../lambdas/store/entity.ts';
import { listEntities } from '../../../lambdas/store/entity-lists.ts';
import { type Failure, listFailures } from '../../../lambdas/store/failures.ts';
import { TOKENS } from '../../soak/sample-source.ts';
import type { PlannedTree } from './planned-trees.ts';

export interface Verified {
  record: ReturnType<typeof verificationSchema.parse>;
  entities: Entity[];
  failures: Failure[];
}

/** Verifies an import, and waits for the end of that. */
export async function verifyImport(
  { api, ended }: Pick<PlannedTree, 'api' | 'ended'>,
  importId: number,
): Promise<Verified> {
  const { status, body } = await api.call('POST', `/bulk_imports/${importId}/verify`, {
    token: TOKENS.destination,
    json: { configuration: { access_token: TOKENS.source } },
  });
  if (status !== 201) throw new Error(`it was refused: ${status} ${JSON.stringify(body)}`);
  const record = verificationSchema.parse(await ended(`/bulk_imports/${importId}/verification`));
  const entities = await listEntities(record.id);
  const failures = await Promise.all(entities.map(entity => listFailures(record.id, entity.id)));
  return { record, entities, failures: failures.flat() };
}
