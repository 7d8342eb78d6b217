import { validateSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { Endpoint, Param } from '../../lib/gitlab-simulator/declarations/declaration.ts';
import { schemaOf } from '../../lib/gitlab-simulator/graphql/schema.ts';
import { SCHEMA_DEFINITION } from '../../lib/gitlab-simulator/graphql/schema-definition.ts';
import { ROUTES } from '../../lib/gitlab-simulator/router.ts';

const VERSION = /^\d+\.\d+$/;
const endpoints: readonly Endpoint[] = ROUTES.map(({ endpoint }) => endpoint);

describe.each(endpoints.map(endpoint => [`${endpoint.method} ${endpoint.path}`, endpoint] as const))(
  'the declaration of %s',
  (_, endpoint) => {
    const params: [string, Param][] = Object.entries(endpoint.params);
    const names = params.map(([name]) => name);

    it('declares every parameter of the path, and as required', () => {
      const inPath = endpoint.path.split('/').filter(segment => segment.startsWith(':'));
      for (const name of inPath.map(segment => segment.slice(1))) {
        expect([name, endpoint.params[name]?.required]).toEqual([name, true]);
      }
    });

    it('has rules about its own parameters only, none of them required by itself', () => {
      for (const rule of endpoint.rules ?? []) {
        expect(names).toEqual(expect.arrayContaining([...rule.params]));
        expect(rule.params.filter(name => endpoint.params[name]?.required)).toEqual([]);
      }
    });

    it('names versions as versions, and later values among the values', () => {
      const dated = [endpoint, ...Object.values(endpoint.params), ...(endpoint.rules ?? [])];
      const versions = [
        ...dated.flatMap(({ since, until }) => [since, until]),
        ...params.flatMap(([, { valuesSince = {} }]) => Object.values(valuesSince)),
        endpoint.rateLimit?.since,
      ].filter(version => version !== undefined);
      for (const version of versions) expect(version).toMatch(VERSION);
      for (const [, { values = [], valuesSince = {} }] of params) {
        expect(values.map(String)).toEqual(expect.arrayContaining(Object.keys(valuesSince)));
      }
    });
  },
);

it('no endpoint is declared twice', () => {
  const keys = endpoints.map(({ method, path }) => `${method} ${path.replaceAll(/:\w+/g, ':')}`);
  expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
});

describe('the GraphQL schema', () => {
  const named = [...SCHEMA_DEFINITION.matchAll(/@(?:since|until)\(version: "([^"]*)"\)/g)].map(
    ([, version]) => version ?? '',
  );

  it('is a valid one in every version before, at and after each change', () => {
    expect(named.filter(version => !VERSION.test(version))).toEqual([]);
    const versions = new Set(['14.0', ...named, '99.0']);
    for (const version of versions) {
      expect([version, validateSchema(schemaOf({ version: `${version}.0-ee` }))]).toEqual([version, []]);
    }
  });

  it('gives each type a field once, with the type of the version', () => {
    const userOf = (version: string) => fieldOf(version, 'GroupMember', 'user');

    expect([userOf('14.0.0'), userOf('14.1.0'), userOf('19.0.0')]).toEqual([
      'UserCore!',
      'UserCore',
      'UserCore',
    ]);
  });

  it('has what came later only later', () => {
    expect(fieldOf('15.2.0', 'ProjectConnection', 'count')).toBe('undefined');
    expect(fieldOf('15.3.0', 'ProjectConnection', 'count')).toBe('Int!');
    expect(fieldOf('14.0.0', 'Group', 'descendantGroups')).toBe('undefined');
    expect(fieldOf('16.2.0', 'Group', 'emailsEnabled')).toBe('undefined');
    expect(fieldOf('16.3.0', 'Group', 'emailsEnabled')).toBe('Boolean');
  });
});

function fieldOf(version: string, typeName: string, fieldName: string): string {
  const type = schemaOf({ version }).getType(typeName);
  return type && 'getFields' in type ? String(type.getFields()[fieldName]?.type) : 'no such type';
}
