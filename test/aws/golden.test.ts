import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { synthesize } from '../support/service/synthesized-stack.ts';

const GOLDEN = fileURLToPath(new URL('../golden/stack.template.json', import.meta.url));

/**
 * The whole template, so that a review shows what a change means for an account. After a change that is meant, write
 * it anew with `npm test -- test/aws/golden -u`. The hashes of the functions' code are left out: they change with
 * every line of code.
 */
it('makes the template that was reviewed', async () => {
  const template = JSON.stringify(synthesize().toJSON(), null, 2).replaceAll(/\b[0-9a-f]{64}\b/g, '<hash>');

  await expect(`${template}\n`).toMatchFileSnapshot(GOLDEN);
}, 60_000);
