import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** A JSON answer. */
export function respond(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}

/** Types of what is no JSON. */
export type TextType = 'text/markdown' | 'text/html' | 'text/csv';

/**
 * An answer that is a file. A browser shows it as what it is and nothing else, and saves it under its name.
 *
 * @param name e.g. `bulk-import-42.csv`
 */
export function respondFile(type: TextType, name: string, body: string): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: 200,
    headers: {
      'content-type': `${type}; charset=utf-8`,
      'content-disposition': `${type === 'text/csv' ? 'attachment' : 'inline'}; filename="${name}"`,
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
    body,
  };
}
