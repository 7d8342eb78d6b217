import * as z from 'zod/mini';
import { LIST } from '../budgets.ts';
import type { GitLabClient } from '../client.ts';
import { isNotFound, isOtherSite } from '../client-errors.ts';
import { NetworkError } from '../errors.ts';
import { list, shortText } from '../schemas.ts';

const versionSchema = z.object({ version: shortText });

/** Version text of the instance, e.g. `17.5.1-ee`. Reads `/version`, and `/metadata` where that is gone. */
export async function getVersion(client: GitLabClient): Promise<string> {
  const read = (path: string) => client.rest({ operation: 'tell its version', path, schema: versionSchema });
  try {
    return (await read('/version')).version;
  } catch (error) {
    if (isNotFound(error) || isOtherSite(error)) return (await read('/metadata')).version;
    throw error;
  }
}

const tokenSchema = z.object({ scopes: list(shortText, LIST.elements) });
const oauthTokenSchema = z.object({ scope: list(shortText, LIST.elements) });

/** How a GitLab says that a token is none of the personal kind: 400 since it has the endpoint, 404 before (15.5). */
const NOT_PERSONAL = [400, 401, 403, 404];

/**
 * Scopes of the client's own token: of a personal, project or group token, else of an OAuth token. `undefined` when
 * it cannot be known: before 15.5 a GitLab tells only OAuth tokens, and refuses all others with 401.
 */
export async function getTokenScopes(client: GitLabClient): Promise<string[] | undefined> {
  const operation = 'describe its token';
  let isOld = false;
  try {
    const token = await client.rest({ operation, path: '/personal_access_tokens/self', schema: tokenSchema });
    return token.scopes;
  } catch (error) {
    if (!(error instanceof NetworkError) || !NOT_PERSONAL.includes(error.status ?? 0)) throw error;
    isOld = error.status === 404;
  }
  try {
    const token = await client.rest({
      operation,
      path: '/oauth/token/info',
      root: true,
      schema: oauthTokenSchema,
    });
    return token.scope;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    if (error instanceof NetworkError && error.status === 401) return isOld ? undefined : [];
    throw error;
  }
}
