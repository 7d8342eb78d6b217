import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

/** What carries the requests of an AWS client, as the SDK wants it. */
export type RequestHandler = Extract<DynamoDBClientConfig['requestHandler'], { handle: unknown }>;

let standIn: RequestHandler | undefined;

/**
 * Lets the AWS clients of this process that are made from now on give their requests to something else than the
 * network: `npm start` answers them itself, and has no port for them that anybody else could find.
 */
export function answerAwsRequests(handler: RequestHandler): void {
  standIn = handler;
}

/** What never leaves the process needs no signature, which is a twentieth of what the service computes on a laptop. */
const UNSIGNED: NonNullable<DynamoDBClientConfig['signer']> = { sign: async request => request };

/** What every AWS client is made with. */
export function awsClientSettings(): Pick<DynamoDBClientConfig, 'requestHandler' | 'signer'> {
  return standIn === undefined ? {} : { requestHandler: standIn, signer: UNSIGNED };
}
