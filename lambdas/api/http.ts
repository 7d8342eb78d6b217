import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Caller } from './authenticate.ts';

/** An API Gateway event (payload format 2.0) after the middlewares of every route. */
export type ApiEvent = APIGatewayProxyEventV2 & {
  /** Parameters of the query and of the body, the body's winning, as GitLab merges them. */
  input: Record<string, unknown>;
  /** Whether those of the body are among them yet. */
  isBodyRead: boolean;
  /** Whose token came with the request, at the destination GitLab. */
  caller: Caller;
  /** Moment (epoch ms) after which neither GitLab is asked any more. */
  checksUntil: number;
};

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
