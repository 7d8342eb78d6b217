import assert from 'node:assert/strict';
import { compareGitLabs, isExact } from '../../../lib/demo/comparison.ts';
import { DESTINATION_TOKEN, SOURCE_TOKEN } from '../../../lib/demo/sample-people.ts';
import { SAMPLE_ROOT } from '../../../lib/demo/sample-source.ts';
import { requestFor } from './requests.ts';
import type { World } from './world.ts';

const TOKENS = [SOURCE_TOKEN, DESTINATION_TOKEN];
/** An item, one a line, with tokens in it. What stands in their place when they are erased says so. */
const SECRET = /^(?=.*"SECRET")(?!.*"erased").*$/m;

/** The whole tree of sample groups, from one request. */
export async function checkMigration(world: World): Promise<void> {
  const { checks, deployment, source, destination } = world;
  let id = 0;
  let itemsWhileRunning = '';

  await checks.require('a POST to the deployed API starts an import that finishes', async () => {
    const started = await deployment.client.createImport(requestFor(world, SAMPLE_ROOT, SAMPLE_ROOT));
    id = started.id;
    itemsWhileRunning = await deployment.itemsAsText();
    const ended = await deployment.waitForEnd(id);

    assert.equal(ended.status, 'finished');
  });

  await checks.check('every group and every project has an entity that finished', async () => {
    const entities = await deployment.client.listEntities(id);
    const groups = source.gitlab.groups();

    assert.equal(entities.length, groups.length + groups.flatMap(({ projects }) => projects).length);
    assert.deepEqual(new Set(entities.map(entity => entity.status)), new Set(['finished']));
  });

  await checks.check(
    'the destination has what the source has, record by record, and nothing twice',
    async () => {
      const comparisons = compareGitLabs(source, destination);

      assert.deepEqual(
        comparisons.filter(comparison => !isExact(comparison)),
        [],
      );
    },
  );

  await checks.check('the execution succeeded and holds no token', async () => {
    await deployment.waitForExecution(id, 'SUCCEEDED');
    const text = await deployment.executionAsText(id);

    assert.deepEqual(tokensIn(text), []);
  });

  await checks.check('the table holds no token in plain text, and after the end none at all', async () => {
    const itemsAfterEnd = await deployment.itemsAsText();

    assert.match(itemsWhileRunning, SECRET, 'sealed tokens while it runs');
    assert.doesNotMatch(itemsAfterEnd, SECRET, 'sealed tokens after its end');
    assert.deepEqual([...tokensIn(itemsWhileRunning), ...tokensIn(itemsAfterEnd)], []);
  });
}

const tokensIn = (text: string) => TOKENS.filter(token => text.includes(token));
