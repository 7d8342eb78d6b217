import { randomUUID } from 'node:crypto';
import { createImport, type Import } from '../../store/imports.ts';
import { putOpenImport } from '../../store/open-imports.ts';
import { putTokens, type Tokens } from '../../store/sealed-tokens.ts';

/** What a verification has besides what its import tells. */
interface Given {
  sourceVersion: string;
  tokens: Tokens;
  /** The attempt of the import with whose end it begins; absent where the request begins it. */
  subjectAttempt?: number;
}

/**
 * Writes a verification of an import and the sealed tokens; what is there already stays. The entities are copied by its
 * first step, and counted only where the import has come to its end.
 */
export async function storeVerification(
  subject: Import,
  id: number,
  { sourceVersion, tokens, subjectAttempt }: Given,
): Promise<Import> {
  const { id: subjectId, destinationUrl, userId, sourceUrl, requested = 0, children = 0 } = subject;
  const now = new Date().toISOString();
  await putOpenImport(id);
  const record = await createImport({
    id,
    kind: 'verification',
    subjectId,
    ...(subjectAttempt === undefined ? { requested: requested + children } : { subjectAttempt }),
    destinationUrl,
    userId,
    status: 'created',
    attempt: 1,
    sourceUrl,
    sourceVersion,
    hasFailures: false,
    correlationId: randomUUID().replaceAll('-', ''),
    createdAt: now,
    updatedAt: now,
  });
  if (record.status === 'created') await putTokens(record, tokens);
  return record;
}

/**
 * Writes the verification that begins when an attempt of an import has come to its end. Goes before the tokens of the
 * import, which are the last of what its start has to write.
 */
export async function storeWaiting(subject: Import, id: number, tokens: Tokens): Promise<void> {
  const { sourceVersion, attempt: subjectAttempt } = subject;
  await storeVerification(subject, id, { sourceVersion, tokens, subjectAttempt });
}
