import middy from '@middy/core';
import { archiveStore } from '../../archives/archive-stores.ts';
import { countArchiveFetch } from '../../engine/archive-metrics.ts';
import { invocation } from '../../platform/invocation.ts';
import { LogEvent, logger } from '../../platform/logger.ts';
import { findLinked } from '../../store/archive-links.ts';
import { notFound } from '../answers/http-errors.ts';
import type { ApiEvent } from '../request/api-event.ts';
import { errorResponses } from './error-responses.ts';

/**
 * `GET /archives/:token`: leads a GitLab to the archive of a project. 307, so that HEAD stays HEAD. Whatever is wrong
 * with a token, the answer is the same, and neither that nor the token is logged.
 */
export const handler = invocation(
  middy(async (event: ApiEvent) => {
    const linked = await findLinked(event.pathParameters?.token ?? '');
    const method = event.requestContext.http.method === 'HEAD' ? 'HEAD' : 'GET';
    const location = linked && (await archiveStore().signedUrl?.(linked.archive, method));
    if (linked === undefined || location === undefined) throw notFound();
    const { importId, entityId } = linked;
    countArchiveFetch(method);
    logger.info(LogEvent.ArchiveFetched, { importId, entityId, method });
    return { statusCode: 307, headers: { location, 'cache-control': 'no-store' } };
  }).use(errorResponses()),
);
