import { sourceClient } from '../../gitlab/connections.ts';
import type { Entity } from '../../store/entity.ts';
import type { Import } from '../../store/imports.ts';
import { unprocessable } from '../answers/http-errors.ts';
import type { Caller } from '../request/api-event.ts';
import type { RequestedEntity } from '../request/create-import-parameters.ts';
import type { RetryParameters } from '../request/retry-parameters.ts';
import { asUnprocessable } from './errors.ts';
import { MESSAGES } from './messages.ts';
import { checkTwoFactor, findSources } from './source-entities.ts';
import { checkInstance, checkSettings } from './source-instance.ts';

/**
 * Checks a retry against the source before anything is written: its version, the token, and that what was asked for by its
 * path is still the same there. What stands at the destination is looked at by the runs, entity by entity.
 *
 * @param requested the entities that the retry selects and that the import was asked for
 * @param deadline moment (epoch ms) after which no GitLab is asked
 * @returns the version of the source
 * @throws HttpError 422 with GitLab's message
 */
export async function preflightRetry(
  record: Import,
  { url = record.sourceUrl, accessToken }: RetryParameters,
  requested: readonly Entity[],
  caller: Caller,
  deadline: number,
): Promise<string> {
  if (withoutSlash(url) !== withoutSlash(record.sourceUrl))
    throw unprocessable(MESSAGES.otherSource(record.sourceUrl));
  checkSettings({ url: record.sourceUrl, accessToken, entities: [] });
  const source = sourceClient(record.sourceUrl, accessToken, deadline);
  try {
    const instance = await checkInstance(source);
    const found = await findSources(source, instance, requested.map(asRequested));
    for (const [index, { sourceId, sourceFullPath }] of requested.entries()) {
      if (found[index]?.source.id !== sourceId) throw unprocessable(MESSAGES.otherGroup(sourceFullPath));
    }
    checkTwoFactor(found, caller);
    return instance.version;
  } catch (error) {
    throw asUnprocessable(error);
  }
}

const withoutSlash = (url: string) => url.replace(/\/+$/, '');

const asRequested = (entity: Entity): RequestedEntity => ({
  sourceType: entity.sourceType,
  sourceFullPath: entity.sourceFullPath,
  destinationSlug: entity.destinationSlug,
  destinationNamespace: entity.destinationNamespace,
  migrateProjects: true,
  migrateMemberships: true,
});
