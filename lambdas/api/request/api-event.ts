import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Secret } from '../../domain/secret.ts';

/** The owner of the token that came with a request, as the destination GitLab knows them. */
export interface Caller {
  id: number;
  isAdmin: boolean;
  canCreateGroup: boolean;
  /** Whether it is the user of a project or group access token; `false` also where an old version does not tell. */
  isBot: boolean;
  /** Whether they have two-factor authentication; `undefined` when the destination does not tell. */
  hasTwoFactor: boolean | undefined;
  /** Origin of the destination by its own account, whatever URL it is reached at: `https://gitlab.com`. */
  gitlabOrigin: string | undefined;
  token: Secret;
}

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
