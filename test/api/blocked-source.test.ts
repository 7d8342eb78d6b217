import { beforeAll, describe, expect, it } from 'vitest';
import { REFUSED_NAMES, REFUSED_URLS } from '../hostile/source-urls.ts';
import { watchConnections } from '../support/network/connection-attempts.ts';
import { resolveNames } from '../support/network/name-server.ts';
import { startService, type TestService } from '../support/service/service.ts';
import { scanTable } from '../support/table/stored-records.ts';

resolveNames(Object.fromEntries(REFUSED_NAMES.map(([name, addresses]) => [name, [addresses]])));
const attempts = watchConnections();

let service: TestService;
beforeAll(async () => {
  service = await startService({ allowPrivateNetworks: false });
});

const post = (url: string) =>
  service.api.call('POST', '/bulk_imports', { json: service.api.request([{}], { url }) });

/** What a request may leave: that it was counted. */
const stored = async () => (await scanTable()).filter(({ pk }) => !String(pk).endsWith('#RATE'));

/** Ports of the service and what belongs to it. */
const ownPorts = () => [service.local.url, service.destination.url].map(url => Number(new URL(url).port));

/** White space at the ends of a parameter is cut off before it is looked at. */
const asTheyAre = REFUSED_URLS.filter(([url]) => url === url.trim());

describe('where private networks are not allowed', () => {
  it.each([
    ...asTheyAre,
    ...REFUSED_NAMES.map(([name, , why]): [string, string] => [`https://${name}/gitlab`, why]),
    ['https://localhost', 'Requests to localhost are not allowed'],
  ])('a source at %j is refused and not connected to', async (url, why) => {
    const { status, body } = await post(url);

    expect(status).toBe(422);
    expect(body).toEqual({ message: `Validation failed: Url is blocked: ${why}` });
    expect(attempts.filter(({ port }) => !ownPorts().includes(port))).toEqual([]);
  });

  it('nothing is written for a source that is refused', async () => {
    expect(await stored()).toEqual([]);
  });

  it('the own source of the tests is refused by its address', async () => {
    const { status } = await post(service.source.url.replace('http:', 'https:'));

    expect(status).toBe(422);
    expect(service.source.requests).toEqual([]);
  });
});

it.each(['?', '#', '?a=b', '#a', '/gitlab?', '/gitlab#'])(
  'a source whose URL ends in %s, where the paths of the API would get lost, is refused',
  async ending => {
    const { status, body } = await post(`https://gitlab.example${ending}`);

    expect(status).toBe(422);
    expect(body).toEqual({
      message: 'Invalid source URL. Enter only the base URL of the source GitLab instance.',
    });
    expect(attempts.filter(({ port }) => !ownPorts().includes(port))).toEqual([]);
  },
);
