import assert from 'node:assert/strict';
import * as z from 'zod';
import { waitUntil } from '../wait-until.ts';
import { whileHanging } from './stopped-import.ts';
import type { World } from './world.ts';

const RECONCILE = 'Closes imports whose workflow ended, never started, or is stale';

/** What Lambda says about an event that a function failed at. */
const letterSchema = z.object({
  requestPayload: z.object({ detail: z.object({ name: z.string(), status: z.string() }) }),
  responsePayload: z.unknown(),
});
const messagesSchema = z.object({ Messages: z.array(z.object({ Body: z.string() })) });

/** A reconciler that fails at an event, and what the runbook says about it. */
export async function checkDeadLetters(world: World): Promise<void> {
  const { checks, deployment, documents, functions, operator, signal } = world;
  const look = documents.take('aws sqs receive-message');
  const again = documents.take("echo '{}' | aws lambda invoke");
  const purge = documents.take('aws sqs purge-queue');
  let importId = 0;

  await checks.check('an event that the reconciler fails at is in the dead-letter queue', async () => {
    await functions.withoutVariables(RECONCILE, ['TABLE_NAME'], () =>
      whileHanging(world, 'not-reconciled', async id => {
        importId = id;
        await deployment.stopExecution(id);

        const letter = await waitUntil('a dead letter', async () => firstLetter(await operator.run(look)), {
          signal,
        });
        assert.deepEqual(letter.requestPayload.detail.name, `import-${id}`);
        assert.equal(letter.requestPayload.detail.status, 'ABORTED');
        assert.match(JSON.stringify(letter.responsePayload), /TABLE_NAME is not set/);
      }),
    );
  });

  await checks.check('the reconciler, run by hand as the runbook says, responds again', async () => {
    assert.match(await operator.run(again), /\{"closed":\s*\[\]\}/);
    const canceled = await deployment.cancel(importId);
    assert.equal(canceled.status, 200);
  });

  await checks.check('the dead-letter queue is empty after the purge', async () => {
    await operator.run(purge);

    assert.equal(firstLetter(await operator.run(look)), undefined);
  });
}

function firstLetter(output: string): z.infer<typeof letterSchema> | undefined {
  if (output.trim() === '') return undefined;
  const [message] = messagesSchema.parse(JSON.parse(output)).Messages;
  return message && letterSchema.parse(JSON.parse(message.Body));
}
