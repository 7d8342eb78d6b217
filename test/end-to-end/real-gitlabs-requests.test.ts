import { beforeAll, describe, expect, it } from 'vitest';
import { selfSigned, startTlsServer } from '../support/network/certificates.ts';
import { resolveNames } from '../support/network/name-server.ts';
import { TOKENS } from '../support/service/bulk-imports-client.ts';
import { migrate, outcomeOf, startPair } from '../support/service/gitlab-pair.ts';
import { type ServiceInMemory, startServiceInMemory } from '../support/service/service-in-memory.ts';

resolveNames({ 'untrusted.example': [['127.0.0.1']], 'nowhere.example': [[]] });

let service: ServiceInMemory;
beforeAll(async () => {
  service = await startServiceInMemory();
});

const OWNER = { username: 'sofia', accessLevel: 50 } as const;

describe('limits of single endpoints', () => {
  it('more subgroups arrive than the request for a path may be sent in a minute', async () => {
    const { source, destination, api } = await startPair(service);
    source.addGroup({ name: 'Acme', path: 'acme', members: [OWNER] });
    for (let index = 0; index < 25; index++) {
      source.addGroup({ name: `Team ${index}`, path: `team-${index}`, parent: 'acme' });
    }

    const { record, failures, seconds, entities } = await migrate(api);

    expect(failures).toEqual([]);
    expect(entities).toHaveLength(26);
    expect(record.status).toBe('finished');
    expect(seconds).toBeLessThan(60);
    const asked = destination.requests.filter(({ path }) => path.startsWith('/api/v4/namespaces/'));
    expect(asked.length).toBeLessThanOrEqual(1);
  });

  it('25 entities arrive at the top level, where some of their paths cannot be asked for', async () => {
    const { source, destination, api } = await startPair(service);
    const slugs = Array.from({ length: 25 }, (_, index) => `group-${index}`);
    for (const slug of slugs) source.addGroup({ name: slug, path: slug, members: [OWNER] });
    // A user's name, of which only the creation of the group tells.
    destination.addUser({ username: 'group-24' });

    const { record, failures } = await migrate(
      api,
      slugs.map(slug => ({ source_full_path: slug, destination_slug: slug, destination_namespace: '' })),
    );

    expect(slugs.filter(slug => destination.group(slug) !== undefined)).toHaveLength(24);
    expect(failures).toHaveLength(1);
    expect(failures[0]?.exception_message).toMatch(/already been taken|Group exists/);
    expect(record).toMatchObject({ status: 'finished', has_failures: true });
  });
});

describe('OAuth tokens', () => {
  it.each(['14.0.0', '16.6.0-ee', '18.5.0-ee'])(
    'of the caller and of the source work at GitLab %s',
    async version => {
      const { source, destination, api } = await startPair(service, {
        source: { version },
        destination: { version },
      });
      source.addToken('sample-oauth-source', { username: 'sofia', kind: 'oauth' });
      destination.addToken('sample-oauth-caller', { username: 'dora', kind: 'oauth' });
      source.addGroup({ name: 'Acme', path: 'acme', members: [OWNER], labels: [{ title: 'bug' }] });
      const token = 'sample-oauth-caller';

      const { status, body } = await api.call('POST', '/bulk_imports', {
        token: null,
        headers: { authorization: `Bearer ${token}` },
        json: api.request([{}], { access_token: 'sample-oauth-source' }),
      });
      expect(status).toBe(201);
      const { failures, record } = await outcomeOf(api, (body as { id: number }).id);

      expect(failures).toEqual([]);
      expect(record.status).toBe('finished');
      expect(destination.group('imported/acme')?.labels).toHaveLength(1);
    },
  );
});

describe('a GitLab that cannot be reached for good is named with what to do', () => {
  const certificate = selfSigned('untrusted.example');

  it('at a source with a certificate of an unknown authority', async () => {
    const { api } = await startPair(service);
    const { port } = await startTlsServer(certificate);

    const message = await api.refusal({ configuration: { url: `https://untrusted.example:${port}` } });

    expect(message).toMatch(/source GitLab.*certificate.*NODE_EXTRA_CA_CERTS/);
    expect(message).not.toMatch(/try again/i);
  });

  it('at a destination with a certificate of an unknown authority', async () => {
    const { source, destination, api } = await startPair(service);
    source.addGroup({ name: 'Acme', path: 'acme', members: [OWNER] });
    const { port } = await startTlsServer(certificate);
    process.env.DESTINATION_GITLAB_URL = `https://untrusted.example:${port}`;

    const { status, body } = await api.post([{}], TOKENS.otto);
    process.env.DESTINATION_GITLAB_URL = destination.url;

    expect(status).toBeGreaterThanOrEqual(500);
    expect(JSON.stringify(body)).toMatch(/destination GitLab.*certificate.*NODE_EXTRA_CA_CERTS/);
  });

  it('at a source whose name does not resolve', async () => {
    const { api } = await startPair(service);

    const message = await api.refusal({ configuration: { url: 'https://nowhere.example' } });

    expect(message).toMatch(/does not resolve.*Check its base URL/);
    expect(message).not.toMatch(/try again/i);
  });
});
