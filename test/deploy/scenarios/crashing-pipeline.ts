import assert from 'node:assert/strict';
import { requestFor, SMALL_GROUP } from './requests.ts';
import type { World } from './world.ts';

const PIPELINE = 'BulkImports::Common::Pipelines::LabelsPipeline';
const SLUG = 'without-labels';

/** A pipeline whose function throws, whatever it is asked. */
export async function checkCrashingPipeline(world: World): Promise<void> {
  const { checks, deployment, destination, functions } = world;

  await checks.check(
    'a pipeline whose function crashes is a failure, and the import still ends',
    async () => {
      await functions.withoutVariables(PIPELINE, ['TABLE_NAME'], async () => {
        const { id } = await deployment.client.createImport(requestFor(world, SMALL_GROUP, SLUG));
        const ended = await deployment.waitForEnd(id);

        assert.deepEqual([ended.status, ended.has_failures], ['finished', true]);
        await deployment.waitForExecution(id, 'SUCCEEDED');
        const { status, failures } = await deployment.onlyEntity(id);
        assert.equal(status, 'finished');
        const crash = failures.find(failure => failure.pipeline_class === PIPELINE);
        assert.equal(crash?.exception_class, 'BulkImports::PipelineCrashedError');
        assert.match(crash.exception_message ?? '', /The environment variable TABLE_NAME is not set/);
      });
    },
  );

  await checks.check('what the other pipelines move arrives all the same', async () => {
    const group = destination.gitlab.group(SLUG);

    assert.deepEqual([group?.labels.length, group?.milestones.length], [0, 1]);
  });
}
