import assert from 'node:assert/strict';
import { DESTINATION_TOKEN, SOURCE_TOKEN } from '../../../lib/demo/sample-people.ts';
import type { World } from './world.ts';

const IMPORTS = '/api/v4/bulk_imports';

/** What the deployed routes answer before there is an import. */
export async function checkAnswersWithoutImport({ checks, deployment }: World): Promise<void> {
  const answerOf = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(deployment.endpoint + path, init);
    return { response, status: response.status, body: (await response.json()) as unknown };
  };
  const asCaller = { headers: { 'private-token': DESTINATION_TOKEN } };

  await checks.check('a request without a token is answered with 401 and GitLab’s body', async () => {
    const { status, body } = await answerOf(IMPORTS);

    assert.deepEqual({ status, body }, { status: 401, body: { message: '401 Unauthorized' } });
  });

  await checks.check('a token that is not of the destination is answered with 401', async () => {
    const { status } = await answerOf(IMPORTS, { headers: { 'private-token': SOURCE_TOKEN } });

    assert.equal(status, 401);
  });

  await checks.check('the description of the API is given without a token', async () => {
    const { status, body } = await answerOf(`${IMPORTS}/openapi.json`);

    assert.equal(status, 200);
    assert.ok(IMPORTS in (body as { paths: object }).paths);
  });

  await checks.check('a path that does not exist is answered with 404, the root too', async () => {
    for (const path of ['/api/v4/elsewhere', '/']) {
      const { status, body } = await answerOf(path, asCaller);

      assert.deepEqual({ path, status, body }, { path, status: 404, body: { error: '404 Not Found' } });
    }
  });

  await checks.check('a method that a path does not have is answered with 405 and what it has', async () => {
    const { response, status } = await answerOf(IMPORTS, { ...asCaller, method: 'DELETE' });

    assert.equal(status, 405);
    assert.equal(response.headers.get('allow'), 'OPTIONS, POST, GET, HEAD');
  });

  await checks.check('an import that does not exist is answered with 404', async () => {
    const { status } = await answerOf(`${IMPORTS}/1`, asCaller);

    assert.equal(status, 404);
  });

  await checks.check('a request body that cannot be right is answered with 400', async () => {
    const { status, body } = await answerOf(IMPORTS, {
      method: 'POST',
      headers: { ...asCaller.headers, 'content-type': 'application/json' },
      body: '{"entities": []}',
    });

    assert.equal(status, 400);
    assert.match(JSON.stringify(body), /configuration is missing/);
  });
}
