import { handler as createImport } from '../../../lambdas/api/endpoints/create-import.ts';
import type { Crashes } from '../../soak/lambda-crashes.ts';
import { TOKENS } from './bulk-imports-client.ts';

/** What runs a function: whoever may kill it. */
type Runner = Pick<Crashes, 'call'>;

/**
 * Sends a POST with an `Idempotency-Key` for two groups to its handler.
 *
 * @returns its status and the import's id, `undefined` when it was killed and nobody is left to answer
 */
export async function post(
  sourceUrl: string,
  runner: Runner,
): Promise<{ status: number; id: number } | undefined> {
  const entities = ['one', 'two'].map(slug => ({
    source_type: 'group_entity',
    source_full_path: 'acme',
    destination_slug: slug,
    destination_namespace: 'imported',
  }));
  const event = {
    rawPath: '/api/v4/bulk_imports',
    rawQueryString: '',
    headers: {
      'private-token': TOKENS.dora,
      'content-type': 'application/json',
      'idempotency-key': 'interrupted',
    },
    requestContext: { http: { method: 'POST' }, requestId: 'test' },
    body: JSON.stringify({ configuration: { url: sourceUrl, access_token: TOKENS.source }, entities }),
  };
  const lambda = { getRemainingTimeInMillis: () => 30_000 };
  try {
    const answer = await runner.call('api/create-import', () =>
      (createImport as (...parameters: unknown[]) => Promise<unknown>)(event, lambda),
    );
    const { statusCode, body } = answer as { statusCode: number; body: string };
    return { status: statusCode, id: (JSON.parse(body) as { id: number }).id };
  } catch {
    return undefined;
  }
}
