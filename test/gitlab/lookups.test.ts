import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { Secret } from '../../lambdas/domain/secret.ts';
import { exactFullPath, graphqlFields, lookUp, type Sought } from '../../lambdas/gitlab/api/lookups.ts';
import { NetworkError, TemporaryError } from '../../lambdas/gitlab/errors.ts';
import { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { clientFor, errorOf } from '../support/gitlab/gitlab-client.ts';
import { type Behaviour, type HttpServer, startHttpServer } from '../support/network/http-server.ts';

const SELECTION = { fields: 'id', schema: z.object({ id: z.string() }) };
const group = (fullPath: string): Sought => ({ kind: 'group', fullPath });
const HUNDRED = Array.from({ length: 100 }, (_, index) => group(`g${index}`));

interface Document {
  query: string;
  variables: Record<string, string>;
}

/** A GraphQL API in which every group has its path for an id, and which takes so many groups per document. */
async function startGraphql(most: number): Promise<HttpServer & { documents: Document[] }> {
  const documents: Document[] = [];
  const behaviour: Behaviour = response => {
    let text = '';
    response.req.on('data', chunk => {
      text += chunk;
    });
    response.req.on('end', () => {
      const document = JSON.parse(text) as Document;
      documents.push(document);
      const paths = Object.values(document.variables);
      const data = Object.fromEntries(
        paths.map((path, index) => [`r${index}`, path.startsWith('none') ? null : { id: path }]),
      );
      const message = `Query has complexity of ${3 * paths.length}, which exceeds max complexity of ${3 * most}`;
      response.end(JSON.stringify(paths.length > most ? { errors: [{ message }] } : { data }));
    });
  };
  return Object.assign(await startHttpServer(behaviour), { documents });
}

describe('many records are looked up', () => {
  it('fifty per document, each in its place, and no record twice', async () => {
    const { url, documents } = await startGraphql(50);
    const sought = [...HUNDRED, group('none'), group('g7')];

    const found = await lookUp(clientFor(url).client, sought, SELECTION);

    expect(found.map(record => record?.id)).toEqual([
      ...HUNDRED.map(({ fullPath }) => fullPath),
      undefined,
      'g7',
    ]);
    expect(documents.map(({ variables }) => Object.keys(variables).length)).toEqual([50, 50, 1]);
    for (const { query } of documents) expect(query.length).toBeLessThan(10_000);
  });

  it('in fewer per document when more is asked of each', async () => {
    const { url, documents } = await startGraphql(40);

    await lookUp(clientFor(url).client, HUNDRED, { ...SELECTION, fields: 'id a b { c d } e f g h' });

    // A record and nine fields are 10 points, of which a document has 200.
    expect(documents.map(({ variables }) => Object.keys(variables).length)).toEqual([20, 20, 20, 20, 20]);
  });

  it('in halves where a GitLab takes less', async () => {
    const { url, documents } = await startGraphql(12);

    const found = await lookUp(clientFor(url).client, HUNDRED.slice(0, 40), SELECTION);

    expect(found.map(record => record?.id)).toEqual(HUNDRED.slice(0, 40).map(({ fullPath }) => fullPath));
    expect(documents).toHaveLength(1 + 2 + 4);
  });

  it('not at all where a GitLab takes none', async () => {
    const { url, documents } = await startGraphql(0);

    const error = await errorOf(lookUp(clientFor(url).client, HUNDRED.slice(0, 3), SELECTION));

    expect((error as Error).message).toContain('exceeds max complexity of 0');
    expect(documents.length).toBeLessThan(8);
  });
});

describe('the fields of a type', () => {
  it('are those that the version has', async () => {
    const tells = async (version: string) => {
      const gitlab = await new SampleGitLab({ version }).start();
      gitlab.addUser({ username: 'ann' });
      gitlab.addToken('fake-ann-token', { username: 'ann' });
      const { client } = clientFor(gitlab.url, { token: new Secret('fake-ann-token') });
      const fields = await graphqlFields(client, 'Group');
      await gitlab.stop();
      return [fields.has('fullPath'), fields.has('maxAccessLevel')];
    };

    expect(await tells('16.2.0')).toEqual([true, false]);
    expect(await tells('19.0.0')).toEqual([true, true]);
  });

  it('are none where it is forbidden to ask for them', async () => {
    const { url } = await startHttpServer({ body: '{"errors":[{"message":"Introspection is disabled"}]}' });

    expect(await graphqlFields(clientFor(url).client, 'Group')).toEqual(new Set());
  });

  it('are not guessed when the GitLab is in trouble or closed', async () => {
    const { url } = await startHttpServer({ status: 502 });
    const closed = await startHttpServer({ status: 404, body: '{"message":"no Route matched"}' });

    expect(await errorOf(graphqlFields(clientFor(url).client, 'Group'))).toBeInstanceOf(TemporaryError);
    expect(await errorOf(graphqlFields(clientFor(closed.url).client, 'Group'))).toBeInstanceOf(NetworkError);
  });
});

describe('the exact spelling of a path', () => {
  it.each<[Sought['kind'], string, object]>([
    ['group', '/api/v4/groups/acme%2Fone?with_projects=false', { full_path: 'Acme/One' }],
    ['project', '/api/v4/projects/acme%2Fone', { path_with_namespace: 'Acme/One' }],
  ])('of a %s is what REST says', async (kind, path, record) => {
    const { url, requests } = await startHttpServer({ body: JSON.stringify(record) });

    expect(await exactFullPath(clientFor(url).client, { kind, fullPath: 'acme/one' })).toBe('Acme/One');
    expect(requests.map(request => request.url)).toEqual([path]);
  });

  it('is none of a group that is not there, or that was renamed', async () => {
    const missing = await startHttpServer({ status: 404, body: '{"message":"404 Group Not Found"}' });
    const renamed = await startHttpServer({ body: '{"full_path":"new-name"}' });

    for (const { url } of [missing, renamed]) {
      expect(await exactFullPath(clientFor(url).client, group('acme'))).toBeUndefined();
    }
  });

  it('is not asked for by digits, which REST takes for an id', async () => {
    const { url, requests } = await startHttpServer({ body: '{"full_path":"4711"}' });

    expect(await exactFullPath(clientFor(url).client, group('4711'))).toBeUndefined();
    expect(requests).toEqual([]);
  });
});
