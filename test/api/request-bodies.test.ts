import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, TOKENS } from '../support/service/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});

function post(body: RequestInit['body'], contentType?: string): Promise<Answer> {
  const headers = contentType === undefined ? {} : { 'content-type': contentType };
  return service.api.call('POST', '/bulk_imports', { body: body ?? null, headers });
}

/** Form fields of a request whose first entity exists at the source and whose second does not. */
function fields(entityName: (index: number, field: string) => string): [string, string][] {
  return [
    ['configuration[url]', service.source.url],
    ['configuration[access_token]', TOKENS.source],
    ...['acme', 'acme/second'].flatMap((path, index): [string, string][] => [
      [entityName(index, 'source_type'), 'group_entity'],
      [entityName(index, 'source_full_path'), path],
      [entityName(index, 'destination_slug'), `slug-${index}`],
      [entityName(index, 'destination_namespace'), ''],
      [entityName(index, 'migrate_memberships'), 'false'],
    ]),
  ];
}

const appended = (_: number, field: string) => `entities[][${field}]`;
const indexed = (index: number, field: string) => `entities[${index}][${field}]`;

/** The answer that shows that both entities were read. */
const SECOND_NOT_FOUND = { message: "Import failed. 'acme/second' not found." };

const asJson = () =>
  JSON.stringify(
    service.api.request([
      { source_full_path: 'acme', destination_slug: 'slug-0' },
      { source_full_path: 'acme/second', destination_slug: 'slug-1' },
    ]),
  );

describe('a body is read when it comes as', () => {
  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON'])('%s', async type => {
    expect((await post(asJson(), type)).body).toEqual(SECOND_NOT_FOUND);
  });

  it('bytes without a content type, which are taken for JSON', async () => {
    const { body } = await post(new TextEncoder().encode(asJson()));

    expect(body).toEqual(SECOND_NOT_FOUND);
  });

  it('JSON with a byte that makes up a letter outside of ASCII', async () => {
    const request = service.api.request([{ source_full_path: 'acme', destination_slug: 'Köln' }]);

    const { status, body } = await post(JSON.stringify(request), 'application/json');

    expect(status).toBe(400);
    expect(body).toMatchObject({ error: expect.stringContaining('entities[0][destination_slug]') });
  });

  it.each([
    ['appended', appended],
    ['indexed', indexed],
  ])('a url-encoded form with %s elements', async (_, entityName) => {
    const form = new URLSearchParams(fields(entityName));

    expect((await post(form)).body).toEqual(SECOND_NOT_FOUND);
  });

  it.each([
    ['appended', appended],
    ['indexed', indexed],
  ])('a multipart form with %s elements', async (_, entityName) => {
    const form = new FormData();
    for (const [name, value] of fields(entityName)) form.append(name, value);

    expect((await post(form)).body).toEqual(SECOND_NOT_FOUND);
  });
});

describe('a body is refused', () => {
  it.each(['text/plain', 'application/xml', 'text/html; charset=utf-8'])(
    'of type %s with 415',
    async type => {
      const { status, body } = await post('hello', type);

      expect(status).toBe(415);
      expect(body).toEqual({
        error: `The provided content-type '${type.split(';')[0]}' is not supported.`,
      });
    },
  );

  it.each(['{', '{"entities": }', 'configuration=x', '\u0000'])(
    'when it is the broken JSON %j',
    async text => {
      const { status, body } = await post(text, 'application/json');

      expect(status).toBe(400);
      expect(body).toEqual({
        error:
          "\nProblem:\n  message body does not match declared format\nResolution:\n  when specifying application/json as content-type, you must pass valid application/json in the request's 'body' ",
      });
    },
  );

  it('when it is multipart without its boundary', async () => {
    expect((await post('--x', 'multipart/form-data')).status).toBe(400);
  });

  it.each(['[]', '"text"', '7', 'null'])('as one without parameters when it is the JSON %s', async text => {
    const { status, body } = await post(text, 'application/json');

    expect(status).toBe(400);
    expect(body).toMatchObject({ error: expect.stringContaining('configuration is missing') });
  });

  it('before the token is looked at', async () => {
    const options = { token: null, body: '{', headers: { 'content-type': 'application/json' } };

    expect((await service.api.call('POST', '/bulk_imports', options)).status).toBe(400);
  });

  it('when it has more than 10 MiB, with 413', async () => {
    const { status } = await post(`{"a":"${'x'.repeat(10 * 1024 * 1024)}"}`, 'application/json');

    expect(status).toBe(413);
  });
});

it('parameters that are called as members of every object do no harm', async () => {
  const json = '{"__proto__": {"entities": [1]}, "constructor": {"prototype": {"entities": []}}}';
  const form = new URLSearchParams([
    ['__proto__[entities][]', '1'],
    ['constructor[prototype][url]', 'x'],
  ]);

  for (const answer of [await post(json, 'application/json'), await post(form)]) {
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ error: expect.stringContaining('entities is missing') });
  }
  expect(({} as { url?: string }).url).toBeUndefined();
});

it('the query is read as well, and the body wins over it', async () => {
  const query = new URLSearchParams([
    ['configuration[url]', service.source.url],
    ['configuration[access_token]', TOKENS.source],
  ]);
  const json = { entities: service.api.request([{ source_full_path: 'from/body' }]).entities };

  const both = await service.api.call('POST', `/bulk_imports?${query}&entities=x`, { json });

  expect(both.body).toEqual({ message: "Import failed. 'from/body' not found." });
});
