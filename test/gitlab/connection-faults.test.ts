import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { connectionError } from '../../lambdas/gitlab/connection-errors.ts';
import { NetworkError, TemporaryError } from '../../lambdas/gitlab/errors.ts';
import { callOf, clientFor, errorOf } from '../support/gitlab/gitlab-client.ts';
import { selfSigned, startTlsServer } from '../support/network/certificates.ts';
import { startHttpServer } from '../support/network/http-server.ts';
import { resolveNames } from '../support/network/name-server.ts';

resolveNames({ 'trusted.example': [['127.0.0.1']], 'other.example': [['127.0.0.1']], 'empty.example': [[]] });

const FAILED = 'The connection to the source GitLab failed on the way to read the thing: ';
const certificate = selfSigned('trusted.example');

const failure = async (url: string) => (await errorOf(clientFor(url).client.rest(callOf()))) as Error;

function expectPermanent(error: Error, message: string): void {
  expect(error).toBeInstanceOf(NetworkError);
  expect(error).not.toBeInstanceOf(TemporaryError);
  expect(error.message).toBe(FAILED + message);
}

describe('a fault that no waiting mends', () => {
  it('is a certificate of an authority that is not known', async () => {
    const { port } = await startTlsServer(certificate);

    expectPermanent(
      await failure(`https://trusted.example:${port}`),
      'its certificate is not one that is trusted here (DEPTH_ZERO_SELF_SIGNED_CERT). Let this service trust its authority (NODE_EXTRA_CA_CERTS on your machine), or give it a public one.',
    );
  });

  it('is a name that does not resolve', async () => {
    const advice = 'Check its base URL, and whether this machine can resolve that name.';

    expectPermanent(
      await failure('https://empty.example'),
      `the name of its host does not resolve (ENOTFOUND). ${advice}`,
    );
  });

  it('is https spoken to an http port', async () => {
    const server = await startHttpServer();

    const error = await failure(server.url.replace('http:', 'https:'));

    expect(error).not.toBeInstanceOf(TemporaryError);
    // Node has both codes for it, by version.
    expect(error.message.replace('ERR_SSL_WRONG_VERSION_NUMBER', 'EPROTO')).toBe(
      `${FAILED}it does not speak the protocol of its base URL there (EPROTO). Check whether that must begin with http or https, its port, and which TLS versions it has.`,
    );
  });

  it('is http spoken to an https port, of which web servers tell with a page', async () => {
    const body = '<html><title>400 The plain HTTP request was sent to HTTPS port</title></html>';
    const server = await startHttpServer({ status: 400, headers: { 'content-type': 'text/html' }, body });

    const error = await failure(server.url);

    expect(error).not.toBeInstanceOf(TemporaryError);
    expect(error.message).toContain('Its port speaks https: begin its base URL with https.');
  });

  it.each([
    ['SELF_SIGNED_CERT_IN_CHAIN', 'not one that is trusted here'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'not one that is trusted here'],
    ['UNABLE_TO_GET_ISSUER_CERT', 'not one that is trusted here'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'not one that is trusted here'],
    ['CERT_UNTRUSTED', 'not one that is trusted here'],
    ['CERT_HAS_EXPIRED', 'expired'],
    ['CERT_NOT_YET_VALID', 'not valid yet'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'for another host'],
    ['ENOTFOUND', 'does not resolve'],
    ['EPROTO', 'does not speak the protocol'],
    ['HPE_INVALID_CONSTANT', 'does not speak the protocol'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'does not speak the protocol'],
  ])('is %s', (code, said) => {
    // Of several addresses each has an error of its own.
    const one = Object.assign(new Error('no'), { code });
    for (const error of [one, new Error('no', { cause: one }), new AggregateError([one])]) {
      const told = connectionError({ instance: 'source', method: 'GET', operation: 'ask' }, error);

      expect(told).not.toBeInstanceOf(TemporaryError);
      expect(told.message).toContain(said);
      expect(told.message.length).toBeLessThanOrEqual(255);
    }
  });
});

it.each([
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EPIPE',
  'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC',
])('%s passes', code => {
  const error = Object.assign(new Error('no'), { code });
  const told = connectionError({ instance: 'source', method: 'GET', operation: 'ask' }, error);

  expect(told).toBeInstanceOf(TemporaryError);
  expect(told).toMatchObject({ reason: code, waitsFor: 'outage', retryAfter: undefined });
});

it('a certificate is for the host that it names', async () => {
  const { port } = await startTlsServer(certificate);
  const folder = mkdtempSync(join(tmpdir(), 'ca-'));
  const script = join(folder, 'ask.mjs');
  const root = new URL('../../', import.meta.url);
  writeFileSync(join(folder, 'ca.pem'), certificate.cert);
  // The certificates that a process trusts are read at its start.
  writeFileSync(
    script,
    `import dns from 'node:dns';
     import { syncBuiltinESMExports } from 'node:module';
     dns.lookup = (name, options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]);
     syncBuiltinESMExports();
     const { send } = await import('${new URL('lambdas/gitlab/transport.ts', root).href}');
     for (const host of ['trusted.example', 'other.example']) {
       const url = new URL('https://' + host + ':${port}');
       await send({ url, method: 'GET', headers: {}, maxBytes: 100 }, 'any').then(
         ({ body }) => console.log(String(body)), ({ code }) => console.log(code));
     }`,
  );

  const environment = { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') };
  const { stdout } = await promisify(execFile)(process.execPath, [script], { env: environment });
  rmSync(folder, { recursive: true });

  expect(stdout).toBe('"there"\nERR_TLS_CERT_ALTNAME_INVALID\n');
});
