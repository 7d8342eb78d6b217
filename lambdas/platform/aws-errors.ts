/**
 * What AWS says when it is asked for more than it gives at the moment, by the names of its errors (the SDK's own list
 * of what it repeats, as far as the services that are used here have them).
 */
const THROTTLED = new Set([
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
]);
const BROKEN = new Set(['InternalServerError', 'InternalServerErrorException', 'ServiceUnavailable']);
const TIMED_OUT = new Set(['TimeoutError', 'RequestTimeout', 'RequestTimeoutException']);
/** No connection, or one that broke, by the codes of Node. */
const UNREACHABLE = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
]);

/**
 * Whether an error of the AWS SDK, which has repeated the request already, passes by itself: throttling, an internal
 * error of the service, no connection. Missing rights or tables, and requests that are wrong, do not.
 */
export function passesByItself(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { name, code, $metadata } = error as Error & {
    code?: string;
    $metadata?: { httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode ?? 0;
  return (
    [THROTTLED, BROKEN, TIMED_OUT].some(names => names.has(name)) ||
    UNREACHABLE.has(code ?? '') ||
    status >= 500 ||
    status === 429
  );
}
