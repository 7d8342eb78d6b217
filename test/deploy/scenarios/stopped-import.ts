import assert from 'node:assert/strict';
import { isLabelWrite } from '../../support/gitlab/label-writes.ts';
import { waitUntil } from '../wait-until.ts';
import { requestFor, SMALL_GROUP } from './requests.ts';
import type { World } from './world.ts';

/** Imports that are stopped while a pipeline waits for an answer of the destination. */
export async function checkStoppedImports(world: World): Promise<void> {
  const { checks, deployment } = world;

  await checks.check('an import that is canceled stays so, and its execution is stopped', async () => {
    await whileHanging(world, 'canceled', async id => {
      const response = await deployment.cancel(id);

      assert.equal(response.status, 200);
      assert.equal((await deployment.client.getImport(id)).status, 'canceled');
      await deployment.waitForExecution(id, 'ABORTED');
    });
  });

  await checks.check(
    'an import whose execution is stopped fails, through the rule on the event bus',
    async () => {
      await whileHanging(world, 'stopped', async id => {
        await deployment.stopExecution(id);

        const ended = await deployment.waitForEnd(id);
        assert.equal(ended.status, 'failed');
        assert.equal(await deployment.executionStatus(id), 'ABORTED');
        const { status, failures } = await deployment.onlyEntity(id);
        assert.equal(status, 'failed');
        const reason = failures.find(
          ({ exception_class }) => exception_class === 'BulkImports::WorkflowEndedError',
        );
        assert.match(reason?.exception_message ?? '', /was stopped by somebody/);
      });
    },
  );
}

/** Starts an import and does something to it as soon as the destination keeps it waiting. */
export async function whileHanging(
  world: World,
  slug: string,
  body: (importId: number) => Promise<void>,
): Promise<void> {
  const { deployment, destination, signal } = world;
  let isHanging = false;
  destination.gitlab.onRequest = request => {
    if (!isLabelWrite(request)) return undefined;
    isHanging = true;
    return { kind: 'hang' };
  };
  try {
    const { id } = await deployment.client.createImport(requestFor(world, SMALL_GROUP, slug));
    await waitUntil('the first label to be written', () => (isHanging ? true : undefined), { signal });
    await body(id);
  } finally {
    destination.gitlab.onRequest = undefined;
  }
}
