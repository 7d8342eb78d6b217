import assert from 'node:assert/strict';
import type { World } from './world.ts';

/** The stack first, then what it leaves behind on purpose. */
export async function checkRemoval({ checks, deployment, documents, operator }: World): Promise<void> {
  const destroy = documents.take('npx cdk destroy');

  await checks.check('cdk destroy is refused as long as the stack is protected', async () => {
    await assert.rejects(operator.run(destroy), /TerminationProtection is enabled/);
  });

  await checks.require('cdk destroy removes the stack, and keeps the table', async () => {
    await operator.run(documents.take('aws cloudformation update-termination-protection'));
    await operator.run(destroy);

    await assert.rejects(
      operator.run('aws cloudformation describe-stacks --stack-name GitLabBulkImports-prod'),
    );
    assert.ok(await deployment.tableExists());
  });

  await checks.check('the table can be removed once it is not protected any more', async () => {
    const remove = documents.take('aws dynamodb delete-table');
    await assert.rejects(operator.run(remove), /protected against deletion/);
    await operator.run(documents.take('aws dynamodb update-table'));
    await operator.run(remove);

    assert.equal(await deployment.tableExists(), false);
  });

  await checks.check('the bucket of archives was kept, and can be removed', async () => {
    assert.deepEqual(await deployment.archives.contents(), []);
    await operator.run(documents.take('aws s3 rb'));

    await assert.rejects(deployment.archives.contents(), { name: 'NoSuchBucket' });
  });

  await checks.check('the keys can be removed', async () => {
    const { Keys } = JSON.parse(await operator.run(documents.take('aws kms list-keys'))) as {
      Keys: { KeyId: string }[];
    };
    const describe = documents.take('aws kms describe-key');
    const remove = documents.take('aws kms schedule-key-deletion');
    assert.ok(Keys.length > 0);
    for (const { KeyId } of Keys) {
      operator.learn({ '<KeyId>': KeyId });
      await operator.run(remove);
      assert.match(await operator.run(describe), /PendingDeletion/);
    }
  });
}
