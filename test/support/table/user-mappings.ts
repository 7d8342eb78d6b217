import type { MappingTarget } from '../../../lambdas/domain/user-mapping.ts';
import { createUserMapping } from '../../../lambdas/store/user-mappings.ts';
import type { Bench } from '../service/pipeline-bench.ts';
import { newId } from './new-id.ts';

/** Who users of the source are at the destination, by their ids at the source. */
export type Targets = Record<number, MappingTarget>;

/** Stores a mapping of the importing user. @returns its id */
export async function newMapping({ destination, importerId }: Bench, targets: Targets): Promise<number> {
  const id = newId();
  await createUserMapping(
    { id, destinationUrl: destination.url, userId: importerId, sourceHost: 'old.example' },
    Object.entries(targets).map(([sourceUserId, target]) => ({
      sourceUserId: Number(sourceUserId),
      name: '',
      username: '',
      target,
    })),
  );
  return id;
}
