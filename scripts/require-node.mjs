/**
 * Says in one sentence what is wrong when the scripts of this project run on a Node that cannot run its TypeScript.
 * The project brings its own Node 24 as an optional dependency per platform: npm may have been told to leave those
 * out, and there is none for every platform.
 */

import { linkNode } from './link-node.mjs';

const OLDEST = 24;

// What runs after this finds the link that this has made.
if (Number(process.versions.node.split('.')[0]) < OLDEST && !linkNode(...process.argv.slice(2, 3))) {
  process.stderr.write(
    `gitlab-bulk-imports needs Node ${OLDEST} and found ${process.versions.node}: the Node that comes with the project is missing, for npm left out optional packages, or there is none for ${process.platform} ${process.arch}; run "npm ci --include=optional" or use Node ${OLDEST}.\n`,
  );
  process.exit(1);
}
