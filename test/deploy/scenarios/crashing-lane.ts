import assert from 'node:assert/strict';
import { requestFor, SMALL_GROUP } from './requests.ts';
import type { World } from './world.ts';

const LANE = 'Runs all pipelines of an entity, in the lane of groups';
const SLUG = 'without-lane';

/** A lane whose function throws, whatever it is asked. */
export async function checkCrashingLane(world: World): Promise<void> {
  const { checks, deployment, destination, functions } = world;

  await checks.check('a lane whose function crashes fails its group, and the import still ends', async () => {
    await functions.withoutVariables(LANE, ['TABLE_NAME'], async () => {
      const { id } = await deployment.client.createImport(requestFor(world, SMALL_GROUP, SLUG));
      const ended = await deployment.waitForEnd(id);

      assert.deepEqual([ended.status, ended.has_failures], ['failed', true]);
      await deployment.waitForExecution(id, 'SUCCEEDED');
      const { status, failures } = await deployment.onlyEntity(id);
      assert.equal(status, 'failed');
      const crash = failures.find(({ relation }) => relation === 'entity');
      assert.match(crash?.exception_message ?? '', /The environment variable TABLE_NAME is not set/);
    });
  });

  await checks.check('nothing of that group is at the destination', async () => {
    assert.equal(destination.gitlab.group(SLUG), undefined);
  });
}
