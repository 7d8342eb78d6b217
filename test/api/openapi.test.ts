import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { openApiDocument } from '../../lambdas/api/openapi/document.ts';
import { ROUTES } from '../../lambdas/api/routes.ts';

/** As clients get it. */
const document = JSON.parse(JSON.stringify(openApiDocument(ROUTES))) as ReturnType<typeof openApiDocument>;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);

interface Parameter {
  name: string;
  in: string;
  required: boolean;
  schema: unknown;
}

function parametersOf(method: string, path: string): Parameter[] {
  const found = operations.find(candidate => candidate.path === path && candidate.method === method);
  return (found?.operation.parameters ?? []) as Parameter[];
}

describe('the description of the API', () => {
  it('has every route, and no other', () => {
    const described = operations.map(({ method, path }) => `${method} ${path}`);

    expect(described.sort()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).sort());
  });

  it('refers to nothing that it does not have', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)];
    const names = new Set(references.map(([, kind, name]) => `${kind}/${name}`));
    const all = Object.entries(document.components)
      .flatMap(([kind, entries]) => Object.keys(entries).map(name => `${kind}/${name}`))
      .filter(name => !name.startsWith('securitySchemes/'));

    // The three are for what no operation can say: answers on other paths and methods.
    const fallbacks = ['responses/NoRoute', 'responses/MethodNotAllowed', 'responses/Methods'];
    expect([...names, ...fallbacks].sort()).toEqual(all.sort());
  });

  it('names every operation differently, and every parameter of its path', () => {
    const ids = operations.map(({ operation }) => operation.operationId);

    expect(new Set(ids).size).toBe(ROUTES.length);
    for (const { method, path } of operations) {
      const names = parametersOf(method, path).filter(parameter => parameter.in === 'path');
      expect(names.map(({ name }) => `{${name}}`)).toEqual(path.match(/{\w+}/g) ?? []);
    }
  });

  it('asks for a token everywhere but for itself and a link, which is one', () => {
    const open = operations.filter(({ operation }) => operation.security !== undefined);

    expect(open.map(({ path, operation }) => [path, operation.security])).toEqual([
      ['/api/v4/bulk_imports/openapi.json', []],
      ['/archives/{token}', []],
    ]);
    expect(document.security).toEqual([
      { privateToken: [] },
      { bearer: [] },
      { privateTokenParameter: [] },
      { accessTokenParameter: [] },
    ]);
  });

  it('tells the parameters of lists with their defaults', () => {
    const parameters = parametersOf('GET', '/api/v4/bulk_imports');

    expect(parameters.map(({ name, required }) => [name, required])).toEqual([
      ['page', false],
      ['per_page', false],
      ['sort', false],
      ['status', false],
    ]);
    expect(parameters.map(({ schema }) => schema)).toMatchObject([
      { type: 'integer', minimum: 1, default: 1 },
      { type: 'integer', minimum: 1, default: 20 },
      { enum: ['asc', 'desc'] },
      { enum: ['created', 'started', 'finished', 'timeout', 'failed', 'canceled'] },
    ]);
  });
});

describe('a new import', () => {
  const ajv = new Ajv2020({ strict: true, strictRequired: false });
  ajv.addVocabulary(Object.keys(document)).addSchema(document, 'document');
  const isDescribed = ajv.compile({ $ref: 'document#/components/schemas/NewImport' });

  const configuration = { url: 'https://old.example', access_token: 'sample-source-token' };
  const entity = {
    source_type: 'group_entity',
    source_full_path: 'acme/platform',
    destination_slug: 'platform',
    destination_namespace: '',
  };
  const { destination_slug: _, ...unnamed } = entity;

  it.each([
    ['with the slug', [entity]],
    ['with the older name', [{ ...unnamed, destination_name: 'platform' }]],
    ['with all options', [{ ...entity, migrate_projects: false, migrate_memberships: true }]],
    ['of two, with a field that nobody knows', [entity, { ...entity, colour: 'green' }]],
  ])('is as described %s', (_, entities) => {
    expect(isDescribed({ configuration, entities })).toBe(true);
  });

  it.each<[string, unknown]>([
    ['without anything', {}],
    ['without a source', { entities: [entity] }],
    ['without entities', { configuration, entities: [] }],
    ['without a name', { configuration, entities: [unnamed] }],
    ['with both names', { configuration, entities: [{ ...entity, destination_name: 'platform' }] }],
    ['with a slug that is none', { configuration, entities: [{ ...entity, destination_slug: '-' }] }],
    ['of another type', { configuration, entities: [{ ...entity, source_type: 'user_entity' }] }],
  ])('is not as described %s', (_, body) => {
    expect(isDescribed(body)).toBe(false);
  });
});
