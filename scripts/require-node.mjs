/**
 * Says in one sentence what is wrong when the scripts of this project run on a Node that cannot run its TypeScript.
 * The project brings its own Node 24 as an optional dependency per platform: npm may have been told to leave those
 * out, and there is none for every platform.
 */
const OLDEST = 24;

if (Number(process.versions.node.split('.')[0]) < OLDEST) {
  process.stderr.write(
    `gitlab-bulk-imports needs Node ${OLDEST} and found ${process.versions.node}: the Node that comes with the project is missing, for npm left out optional packages, or there is none for ${process.platform} ${process.arch}; run "npm ci --include=optional" or use Node ${OLDEST}.\n`,
  );
  process.exit(1);
}
