import assert from 'node:assert/strict';
import type { World } from './world.ts';

/** A deployment over the one that is there, with one more setting. */
export async function checkUpdate({ checks, documents, operator }: World): Promise<void> {
  await checks.check('cdk diff shows what an update would change', async () => {
    assert.match(await operator.run(documents.take('npx cdk diff')), /\[\+\] AWS::SNS::Subscription/);
  });

  await checks.check('cdk deploy updates the stack', async () => {
    await operator.deploy(documents.take('npx cdk deploy -c destinationUrl='));
  });
}
