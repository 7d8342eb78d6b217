import { Secret } from '../../../lambdas/domain/secret.ts';
import { isTerminal } from '../../../lambdas/domain/statuses.ts';
import { takeIds } from '../../../lambdas/store/counters.ts';
import type { Entity } from '../../../lambdas/store/entity.ts';
import { listEntities } from '../../../lambdas/store/entity-lists.ts';
import { type Failure, listFailures } from '../../../lambdas/store/failures.ts';
import { createImport, getImport, type Import } from '../../../lambdas/store/imports.ts';
import { putOpenImport } from '../../../lambdas/store/open-imports.ts';
import { putTokens } from '../../../lambdas/store/sealed-tokens.ts';
import { startExecution } from '../../../lambdas/workflow/execution.ts';
import { TOKENS } from '../../soak/sample-source.ts';
import { until } from './bulk-imports-client.ts';

export interface Verified {
  record: Import;
  entities: Entity[];
  failures: Failure[];
  /** By GitLab's name of the relation, over all entities. */
  figures: { matched: number; different: number; missing: number; unverified: number };
}

/** Verifies an import, and waits for the end of that. */
export async function verifyImport(importId: number): Promise<Verified> {
  const subject = await getImport(importId);
  const now = new Date().toISOString();
  const id = await takeIds('IMPORT');
  await putOpenImport(id);
  const { destinationUrl, userId, sourceUrl, sourceVersion } = subject;
  const wanted = await createImport({
    id,
    kind: 'verification',
    subjectId: importId,
    destinationUrl,
    userId,
    sourceUrl,
    sourceVersion,
    status: 'created',
    attempt: 1,
    hasFailures: false,
    correlationId: 'fake-correlation-id',
    createdAt: now,
    updatedAt: now,
  });
  const tokens = { source: new Secret(TOKENS.source), destination: new Secret(TOKENS.destination) };
  await putTokens(wanted, tokens);
  await startExecution(wanted);
  const record = await until(`the end of verification ${id}`, async () => {
    const seen = await getImport(id);
    return isTerminal(seen.status) ? seen : undefined;
  });
  const entities = await listEntities(id);
  const failures = (await Promise.all(entities.map(entity => listFailures(id, entity.id)))).flat();
  const { update = 0, create = 0, unchanged = 0, blocked = 0 } = record.totals?.changes ?? {};
  return {
    record,
    entities,
    failures,
    figures: { matched: unchanged, different: update, missing: create, unverified: blocked - create },
  };
}
