import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface Certificate {
  key: string;
  cert: string;
}

/** Makes a key and a certificate that it has signed itself, for one host name. They live as long as the test. */
export function selfSigned(host: string, { days = 2 }: { days?: number } = {}): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  try {
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const names = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`];
    execFileSync(
      'openssl',
      ['req', '-x509', ...curve, '-keyout', key, '-out', cert, '-days', String(days), ...names],
      { stdio: 'pipe' },
    );
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Starts an https server on loopback that answers everything with `"there"`; its port, and the host names it was asked under. */
export async function startTlsServer(
  certificate: Certificate,
): Promise<{ port: number; hosts: (string | undefined)[]; names: unknown[] }> {
  const hosts: (string | undefined)[] = [];
  const names: unknown[] = [];
  const server = createServer(certificate, (request, response) => {
    hosts.push(request.headers.host);
    names.push((request.socket as unknown as { servername?: unknown }).servername);
    response.end('"there"');
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, hosts, names };
}
