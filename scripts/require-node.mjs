/**
 * Says in one sentence what is wrong when the scripts of this project run on a Node that cannot run its TypeScript.
 * The project brings its own Node 24 as a dev dependency, whose install script npm may have been told to skip.
 */
const OLDEST = 24;

if (Number(process.versions.node.split('.')[0]) < OLDEST) {
  process.stderr.write(
    `gitlab-bulk-imports needs Node ${OLDEST} and found ${process.versions.node}: install scripts are off, so the Node that comes with the project is missing; run "npm rebuild node --ignore-scripts=false" or use Node ${OLDEST}.\n`,
  );
  process.exit(1);
}
