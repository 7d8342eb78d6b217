import { messageOf } from '../domain/errors.ts';
import { withoutPaths } from '../domain/failure-message.ts';
import { RESPONSE } from './budgets.ts';
import { NetworkError, TemporaryError } from './errors.ts';
import { ProxySettingError } from './proxies.ts';
import { AGAIN, type Attempted } from './response-errors.ts';
import { ProxyError } from './tunnel.ts';

/** A fault that no waiting mends: what is wrong, and what to do. */
interface Fault {
  codes: RegExp;
  what: string;
  advice: string;
}

/** The first that fits. The codes are Node's, OpenSSL's and the HTTP parser's. */
const PERMANENT: Fault[] = [
  {
    codes: /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    what: 'its certificate has expired or is not valid yet',
    advice: 'Renew it, or set the clock of this machine.',
  },
  {
    codes: /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/,
    what: 'its certificate is for another host',
    advice: 'Use the host name that its certificate has as its base URL.',
  },
  {
    codes:
      /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|CERT_\w+|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED)$/,
    what: 'its certificate is not one that is trusted here',
    advice:
      'Let this service trust its authority (NODE_EXTRA_CA_CERTS on your machine), or give it a public one.',
  },
  {
    codes: /^ENOTFOUND$/,
    what: 'the name of its host does not resolve',
    advice: 'Check its base URL, and whether this machine can resolve that name.',
  },
  {
    codes: /^(HPE_HEADER_OVERFLOW|HPE_CHUNK_EXTENSIONS_OVERFLOW)$/,
    what: `its response has more than ${RESPONSE.headerBytes} bytes of headers`,
    advice: 'Check what answers there, and the proxies before it.',
  },
  {
    // A record that was damaged on its way is the one TLS error of a connection that had worked.
    codes: /^(EPROTO|HPE_INVALID_CONSTANT|ERR_SSL_(?!.*BAD_RECORD_MAC)\w+)$/,
    what: 'it does not speak the protocol of its base URL there',
    advice: 'Check whether that must begin with http or https, its port, and which TLS versions it has.',
  },
];

/** The error for a request that got no response: it passes, unless it is a fault in how the GitLab is reached. */
export function connectionError(attempted: Attempted, error: unknown): NetworkError {
  const { instance, operation } = attempted;
  const failed = `The connection to the ${instance} GitLab failed on the way to ${operation}: `;
  if (isTimeout(error)) {
    return new TemporaryError(
      `The ${instance} GitLab did not answer in time when asked to ${operation}. ${AGAIN}`,
      { ...attempted, reason: 'timeout', waitsFor: 'outage' },
      { cause: error },
    );
  }
  if (error instanceof ProxySettingError) {
    return new NetworkError(error.message, { ...attempted, reason: 'proxy' }, { cause: error });
  }
  if (error instanceof ProxyError) {
    const message = { before: failed, quoted: error.message, after: `. ${error.advice}` };
    const request = { ...attempted, reason: error.message };
    return error.isPermanent
      ? new NetworkError(message, request, { cause: error })
      : new TemporaryError(message, { ...request, waitsFor: 'outage' }, { cause: error });
  }
  const codes = codesOf(error);
  const fault = PERMANENT.find(({ codes: pattern }) => codes.some(code => pattern.test(code)));
  if (fault !== undefined) {
    const code = codes.find(candidate => fault.codes.test(candidate)) ?? '';
    return new NetworkError(
      { before: `${failed}${fault.what} (`, quoted: code, after: `). ${fault.advice}` },
      { ...attempted, reason: code },
      { cause: error },
    );
  }
  const reason = codes[0] ?? withoutPaths(messageOf(error));
  return new TemporaryError(
    { before: failed, quoted: reason, after: `. ${AGAIN}` },
    { ...attempted, reason, waitsFor: 'outage' },
    { cause: error },
  );
}

/** A request that a signal has ended fails with an `AbortError`, whose cause is the signal's reason. */
function isTimeout(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.message === 'timeout' || /Timeout/.test(error.name) || isTimeout(error.cause);
}

/** The codes of an error, of its causes, and of the several addresses of a host that were tried. */
function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const { code } = error as NodeJS.ErrnoException;
  const others = [error.cause, ...(error instanceof AggregateError ? error.errors : [])];
  return [...(typeof code === 'string' ? [code] : []), ...others.flatMap(codesOf)];
}
