import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { messageOf } from '../../domain/errors.ts';
import { StoreBusyError } from '../../domain/store-errors.ts';
import { passesByItself } from '../../platform/aws-errors.ts';
import { logger } from '../../platform/logger.ts';
import { HttpError, internalError, serviceBusy } from '../answers/http-errors.ts';
import { respond } from '../answers/respond.ts';
import type { ApiEvent } from '../request/api-event.ts';

/**
 * Turns what a handler throws into an answer. Anything but an `HttpError` is logged whole. Trouble of AWS that passes,
 * throttling above all, is a 503 that says when to come back; everything else is a fault of ours, and the caller sees
 * GitLab's bare 500. Every answer carries the request's id, by which the log can be searched.
 */
export function errorResponses(): MiddlewareObj<ApiEvent, APIGatewayProxyStructuredResultV2> {
  return {
    after: request => {
      request.response = withRequestId(request.response ?? {}, request.event);
    },
    onError: request => {
      const { error, event } = request;
      const { status, body, headers } = asHttpError(error);
      if (!(error instanceof HttpError)) {
        logger.error(messageOf(error), { error: error as Error, requestId: event.requestContext?.requestId });
      }
      request.response = withRequestId(respond(status, body, headers), event);
    },
  };
}

function asHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  return error instanceof StoreBusyError || passesByItself(error) ? serviceBusy() : internalError();
}

function withRequestId(response: APIGatewayProxyStructuredResultV2, event: ApiEvent) {
  const id = event.requestContext?.requestId;
  return id === undefined ? response : { ...response, headers: { ...response.headers, 'x-request-id': id } };
}
