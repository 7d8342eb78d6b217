import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startService, type TestService } from '../support/service/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});

beforeEach(() => {
  service.source.requests.length = 0;
});

const PATHS = [
  '..',
  '../admin',
  'acme/../../admin',
  'acme/..',
  'acme/.',
  './acme',
  '%2e%2e',
  '%2e%2e/acme',
  'acme%2fplatform',
  'acme%2Fplatform',
  '%252e%252e',
  'acme%00',
  'acme\u0000',
  'acme\n',
  'acme\r\nHost: evil.example',
  'acme\u2028',
  ' acme',
  'acme ',
  'acme\t',
  'acme\u00a0',
  '/acme',
  'acme/',
  'acme//platform',
  '\\acme',
  'acme\\platform',
  'acme?a=b',
  'acme#a',
  'acme;a',
  'acme&a=b',
  'acme"}) { id } }',
  "acme' OR 1=1",
  '$(acme)',
  '{acme}',
  '<acme>',
  'аcme',
  'acmé',
  'acme\u0301',
  'ａｃｍｅ',
  'acme😀',
  '😀',
  'acme\u200b',
  'acme\u202e',
  '\ud800',
  'https://evil.example',
  '//evil.example/acme',
  'acme.git',
  'api',
  'admin/acme',
  'acme/-',
  'acme/-/labels',
];

describe('a path of the source that none can have', () => {
  it.each(PATHS)('%j is refused and not asked for', async path => {
    for (const source_type of ['group_entity', 'project_entity']) {
      const json = service.api.request([{ source_type, source_full_path: path, destination_slug: 'never' }]);

      const { status, body } = await service.api.call('POST', '/bulk_imports', { json });

      expect([status, body]).toEqual([
        400,
        { error: expect.stringMatching(/^entities\[0\]\[source_full_path\] must be a relative path/) },
      ]);
    }
    expect(service.source.requests).toEqual([]);
  });

  it.each(PATHS.filter(path => path.trim() === path))('%j is no namespace and no slug either', async path => {
    for (const entity of [{ destination_namespace: path }, { destination_slug: path }]) {
      const { status } = await service.api.post([{ source_full_path: 'missing', ...entity }]);
      const isName = 'destination_slug' in entity && /^[a-z]+$/.test(path);

      expect(status).toBe(isName ? 422 : 400);
    }
  });
});

/** Where a POST and a whole migration may knock at the source. */
const ENDPOINTS =
  /^(\/api\/graphql|\/api\/v4\/(version|user|personal_access_tokens\/self|groups\/\d+(\/(labels|milestones|badges|boards|subgroups|avatar))?))$/;

it.each(['a.b', 'a_b-c.d', '7', '0', '00', 'x/7', 'a--b', '_a', '.a'])(
  'the path %j, which one can have, is asked for as it is and nowhere else',
  async path => {
    const json = service.api.request([{ source_full_path: path, destination_slug: 'never' }]);

    const { status, body } = await service.api.call('POST', '/bulk_imports', { json });

    expect([status, body]).toEqual([422, { message: `Import failed. '${path}' not found.` }]);
    const asked = service.source.requests.map(request => request.path);
    // REST knows no path of digits only.
    expect(asked.filter(name => !ENDPOINTS.test(name))).toEqual(
      /^\d+$/.test(path) ? [] : [`/api/v4/groups/${path}`],
    );
    expect(service.source.requests.map(({ body }) => body)).toContainEqual(
      expect.objectContaining({ variables: { p0: path } }),
    );
  },
);
