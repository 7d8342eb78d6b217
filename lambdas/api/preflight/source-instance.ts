import { getTokenScopes, getVersion } from '../../gitlab/api/instance.ts';
import { graphqlFields } from '../../gitlab/api/lookups.ts';
import { type CurrentUser, getCurrentUser } from '../../gitlab/api/users.ts';
import type { GitLabClient } from '../../gitlab/client.ts';
import { isOtherSite } from '../../gitlab/client-errors.ts';
import { networkPolicy } from '../../gitlab/connections.ts';
import { BudgetExceededError, NetworkError } from '../../gitlab/errors.ts';
import { checkUrl } from '../../gitlab/url-guard.ts';
import { unprocessable } from '../answers/http-errors.ts';
import type { CreateImportParameters } from '../request/create-import-parameters.ts';
import { asBadToken, asUnprocessable } from './errors.ts';
import { MESSAGES, OLDEST_SOURCE } from './messages.ts';

/** GitLab's limit for the source's URL and token, and as much for the version that a source tells. */
const LONGEST_SETTING = 255;

/** What is known of the source before any of its groups. */
export interface SourceInstance {
  version: string;
  /** The user of the source's token. */
  user: CurrentUser;
  /** Names of the fields of `Group` in its GraphQL schema. */
  groupFields: Set<string>;
}

/** Checks what can be checked of the source's URL and token without asking anybody. @throws HttpError 422 */
export function checkSettings({ url, accessToken }: CreateImportParameters): void {
  const tooLong = [
    ...(url.length > LONGEST_SETTING ? ['Url is too long (maximum is 255 characters)'] : []),
    ...(accessToken.expose().length > LONGEST_SETTING
      ? ['Access token is too long (maximum is 255 characters)']
      : []),
  ];
  if (tooLong.length > 0) throw unprocessable(`Validation failed: ${tooLong.join(', ')}`);
  try {
    checkUrl(url, networkPolicy());
    // Even an empty query or fragment would take in the paths that are appended.
    if (/[?#]/.test(url)) throw unprocessable(MESSAGES.invalidUrl);
  } catch (error) {
    throw asUnprocessable(error);
  }
}

/** Checks the source's version and token, and finds out whose that is. @throws HttpError 422 with GitLab's message */
export async function checkInstance(source: GitLabClient): Promise<SourceInstance> {
  const version = await checkVersion(source);
  const [token, fields] = await Promise.allSettled([
    checkToken(source, version),
    graphqlFields(source, 'Group'),
  ]);
  // What is wrong with the token is said first; a refusal of GraphQL alone says nothing about the token.
  if (token.status === 'rejected') throw token.reason;
  if (fields.status === 'rejected') throw fields.reason;
  return { version, user: token.value, groupFields: fields.value };
}

async function checkToken(source: GitLabClient, version: string): Promise<CurrentUser> {
  const [major = 0, minor = 0] = version.split('.').map(Number.parseFloat);
  // Tokens can tell their scopes since 15.5.
  const tellsScopes = major * 100 + minor >= 1505;
  try {
    const [scopes, user] = await Promise.all([
      tellsScopes ? getTokenScopes(source) : undefined,
      getCurrentUser(source),
    ]);
    if (scopes !== undefined && !scopes.includes('api')) throw unprocessable(MESSAGES.badToken);
    return user;
  } catch (error) {
    throw asBadToken(error);
  }
}

async function checkVersion(source: GitLabClient): Promise<string> {
  let version: string;
  try {
    version = await getVersion(source);
  } catch (error) {
    if (error instanceof BudgetExceededError) throw error;
    // 404: no GitLab there; 200: a response, but not GitLab's. In both cases it may be a web page.
    const isOther = error instanceof NetworkError && [404, 200].includes(error.status ?? 0);
    if (isOther || isOtherSite(error)) throw unprocessable(MESSAGES.invalidUrl);
    throw asBadToken(error);
  }
  const [, major] = /^(\d+)\.\d+/.exec(version) ?? [];
  if (major === undefined || version.length > LONGEST_SETTING) throw unprocessable(MESSAGES.invalidUrl);
  if (Number(major) < OLDEST_SOURCE) throw unprocessable(MESSAGES.tooOld);
  return version;
}
