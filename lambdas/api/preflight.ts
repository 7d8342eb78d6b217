import pLimit from 'p-limit';
import { findByFullPath } from '../gitlab/api/group-query.ts';
import { getExportPermission, getGroup, isPathTaken } from '../gitlab/api/groups.ts';
import { getTokenScopes, getVersion } from '../gitlab/api/instance.ts';
import { getEffectiveAccessLevel } from '../gitlab/api/members.ts';
import type { GitLabClient } from '../gitlab/client.ts';
import { destinationClient, networkPolicy, sourceClient } from '../gitlab/connections.ts';
import { checkUrl } from '../gitlab/url-guard.ts';
import { environment } from '../shared/environment.ts';
import { BlockedUrlError, NetworkError, TokenRejectedError } from '../shared/errors.ts';
import { type Caller, refuseCaller } from './authenticate.ts';
import type { CreateImportParameters, RequestedEntity } from './create-import-parameters.ts';
import { type HttpError, unprocessable } from './http-errors.ts';
import { MESSAGES, OLDEST_SOURCE } from './preflight-messages.ts';

/** Entities checked at the same time; each needs about five requests. */
const PARALLEL_CHECKS = 8;
/** GitLab's limit for the source's URL and token, and as much for the version that a source tells. */
const LONGEST_SETTING = 255;
/** A GitLab's own words are part of some messages. */
const LONGEST_MESSAGE = 1_000;

/** What the checks found out and the import needs. */
export interface Checked {
  sourceVersion: string;
  /** Numeric id at the source of each entity, in the order of the request. */
  sourceIds: number[];
}

/**
 * Checks a new import against both GitLabs before anything is written: the source's version, the token, each entity
 * at the source, each destination. The first problem in GitLab's order is the answer.
 *
 * @param deadline moment (epoch ms) after which no GitLab is asked
 * @throws HttpError 422 with GitLab's message, 401 when the caller's token is not accepted any more
 */
export async function preflight(
  wanted: CreateImportParameters,
  caller: Caller,
  deadline: number,
): Promise<Checked> {
  checkSettings(wanted);
  const source = sourceClient(wanted.url, wanted.accessToken, deadline);
  const destination = destinationClient(caller.token, deadline);
  try {
    const sourceVersion = await checkInstance(source);
    const sourceIds = await inParallel(wanted.entities, entity => checkSource(source, entity));
    checkDistinct(wanted.entities);
    const namespaces = new Map(wanted.entities.map(entity => [namespaceKey(entity), entity]));
    const parents = new Map<string, number | undefined>();
    await inParallel([...namespaces], async ([key, entity]) => {
      parents.set(key, await checkNamespace(destination, entity, caller));
    });
    await inParallel(wanted.entities, entity =>
      checkFree(destination, entity, parents.get(namespaceKey(entity))),
    );
    for (const entity of wanted.entities) checkOwnSubgroup(wanted.url, entity);
    return { sourceVersion, sourceIds };
  } catch (error) {
    if (error instanceof TokenRejectedError && error.instance === 'destination') {
      throw await refuseCaller(caller, deadline);
    }
    throw asUnprocessable(error);
  }
}

function checkSettings({ url, accessToken }: CreateImportParameters): void {
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

async function checkInstance(source: GitLabClient): Promise<string> {
  let version: string;
  try {
    version = await getVersion(source);
  } catch (error) {
    // 404: no GitLab there; 200: an answer, but not GitLab's.
    if (error instanceof NetworkError && [404, 200].includes(error.status ?? 0)) {
      throw unprocessable(MESSAGES.invalidUrl);
    }
    throw asBadToken(error);
  }
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || version.length > LONGEST_SETTING) throw unprocessable(MESSAGES.invalidUrl);
  if (Number(major) < OLDEST_SOURCE) throw unprocessable(MESSAGES.tooOld);
  // Tokens can tell their scopes since 15.5.
  if (Number(major) * 100 + Number(minor) >= 1505) {
    const scopes = await getTokenScopes(source).catch(error => {
      throw asBadToken(error);
    });
    if (scopes !== undefined && !scopes.includes('api')) throw unprocessable(MESSAGES.badToken);
  }
  return version;
}

async function checkSource(source: GitLabClient, entity: RequestedEntity): Promise<number> {
  const isGroup = entity.sourceType === 'group_entity';
  const found = await findByFullPath(source, isGroup ? 'group' : 'project', entity.sourceFullPath);
  if (found === undefined) throw unprocessable(MESSAGES.notFound(entity.sourceFullPath));
  const permission = await getExportPermission(source, isGroup ? 'groups' : 'projects', found.id);
  if (permission === 'disabled') throw unprocessable(MESSAGES.disabled);
  if (permission === 'forbidden') throw unprocessable(MESSAGES.notExportable(entity.sourceFullPath));
  return found.id;
}

/** Two entities of one request must not go to the same place: the second would end up inside the first. */
function checkDistinct(entities: RequestedEntity[]): void {
  const seen = new Set<string>();
  for (const entity of entities) {
    const path = destinationPath(entity).toLowerCase();
    if (seen.has(path)) throw unprocessable(MESSAGES.taken(destinationPath(entity)));
    seen.add(path);
  }
}

function checkOwnSubgroup(url: string, entity: RequestedEntity): void {
  const sameHost = new URL(url).host === new URL(environment.destinationUrl()).host;
  const inside = `${entity.destinationNamespace}/`
    .toLowerCase()
    .startsWith(`${entity.sourceFullPath}/`.toLowerCase());
  if (sameHost && inside && entity.sourceType === 'group_entity') throw unprocessable(MESSAGES.ownSubgroup);
}

/** Checks that the caller may put the entity into its namespace; returns the namespace's id, if it is a group. */
async function checkNamespace(
  destination: GitLabClient,
  entity: RequestedEntity,
  caller: Caller,
): Promise<number | undefined> {
  const isGroup = entity.sourceType === 'group_entity';
  const refused = unprocessable(MESSAGES.badNamespace(entity.destinationNamespace));
  if (entity.destinationNamespace === '') {
    if (!isGroup || !(caller.canCreateGroup || caller.isAdmin)) throw refused;
    return undefined;
  }
  const parent = await findByFullPath(destination, 'group', entity.destinationNamespace);
  if (parent === undefined) throw refused;
  if (caller.isAdmin) return parent.id;
  const [group, level = 0] = await Promise.all([
    getGroup(destination, parent.id),
    getEffectiveAccessLevel(destination, parent.id, caller.id),
  ]);
  const enough = isGroup && group.subgroup_creation_level !== 'maintainer' ? 50 : 40;
  if (level < enough) throw refused;
  return parent.id;
}

async function checkFree(
  destination: GitLabClient,
  entity: RequestedEntity,
  parentId: number | undefined,
): Promise<void> {
  const path = destinationPath(entity);
  const taken =
    entity.sourceType === 'group_entity'
      ? await isPathTaken(destination, entity.destinationSlug, parentId)
      : (await findByFullPath(destination, 'project', path)) !== undefined;
  if (taken) throw unprocessable(MESSAGES.taken(path));
}

function destinationPath({ destinationNamespace, destinationSlug }: RequestedEntity): string {
  return destinationNamespace === '' ? destinationSlug : `${destinationNamespace}/${destinationSlug}`;
}

const namespaceKey = (entity: RequestedEntity) => `${entity.sourceType} ${entity.destinationNamespace}`;

/** Runs a check for all elements, a few at a time. Of several problems the first element's is thrown. */
async function inParallel<T, R>(elements: T[], check: (element: T) => Promise<R>): Promise<R[]> {
  const limit = pLimit(PARALLEL_CHECKS);
  const results = await Promise.allSettled(elements.map(element => limit(() => check(element))));
  return results.map(result => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

function asBadToken(error: unknown): unknown {
  const refused = error instanceof NetworkError && [401, 403].includes(error.status ?? 0);
  return refused ? unprocessable(MESSAGES.badToken) : error;
}

function asUnprocessable(error: unknown): HttpError | unknown {
  if (error instanceof BlockedUrlError) {
    return unprocessable(`Validation failed: ${error.message.replace(/^URL/, 'Url')}`);
  }
  if (error instanceof NetworkError) {
    return unprocessable(
      error.reason === 'timeout' ? MESSAGES.tooSlow : error.message.slice(0, LONGEST_MESSAGE),
    );
  }
  return error;
}
