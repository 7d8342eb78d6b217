import assert from 'node:assert/strict';
import type { World } from './world.ts';

/** The first import of whoever follows the documents. */
export async function checkFirstImport({
  checks,
  deployment,
  destination,
  documents,
  operator,
}: World): Promise<void> {
  destination.gitlab.addGroup({ name: 'Imported', path: 'imported' });
  operator.learn({ $ENDPOINT: deployment.endpoint });

  await checks.check(
    'the documented request starts an import, and the next one shows its groups',
    async () => {
      const { id } = JSON.parse(await operator.run(documents.take('curl --request POST "$ENDPOINT'))) as {
        id: number;
      };
      const ended = await deployment.waitForEnd(id);

      assert.equal(ended.status, 'finished');
      assert.ok(destination.gitlab.group('imported/acme'));
      const entities = JSON.parse(
        await operator.run(documents.take("curl --header 'PRIVATE-TOKEN: <your token>' \"$ENDPOINT")),
      );
      assert.equal(entities[0].bulk_import_id, 1);
    },
  );
}
