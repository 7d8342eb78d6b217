/**
 * `npm run test:deploy`: the real `cdk bootstrap`, `deploy` and `destroy` against an AWS emulator, and in between
 * migrations between two sample GitLabs through the deployed endpoint. See docs/deployment-test.md.
 */

import { sampleDestination, sampleSource } from '../../lib/demo/sample-source.ts';
import { CannotContinueError, Checks } from './checks.ts';
import { DeployedFunctions } from './deployed-functions.ts';
import { Deployment } from './deployment.ts';
import { MiniStack } from './ministack.ts';
import { checkAnswersWithoutImport } from './scenarios/answers-without-import.ts';
import { checkCrashingPipeline } from './scenarios/crashing-pipeline.ts';
import { checkMigration } from './scenarios/migration.ts';
import { checkStoppedImports } from './scenarios/stopped-import.ts';
import { Stack, type StackOutputs } from './stack.ts';

/** Everything together takes about a minute and a half. */
const LONGEST_MS = 10 * 60_000;
/** Of the emulator, after a failure. */
const LOG_CHARACTERS = 20_000;

const { stdout, stderr } = process;
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interruption.abort());

const signal = AbortSignal.any([interruption.signal, AbortSignal.timeout(LONGEST_MS)]);
const checks = new Checks(signal, text => stdout.write(text));
process.exitCode = await main();
// Connections that are kept alive would hold the process for some seconds.
process.exit();

async function main(): Promise<number> {
  try {
    await run();
    stdout.write(`\n${checks.summary}\n`);
    return checks.good ? 0 : 1;
  } catch (error) {
    if (interruption.signal.aborted) {
      stderr.write('Interrupted. Everything was stopped and removed.\n');
      return 130;
    }
    if (error instanceof CannotContinueError) stdout.write(`${error.message}\n`);
    else checks.fail('Something around the checks', error);
    stdout.write(`\n${checks.summary}\n`);
    return 1;
  }
}

/** Starts everything, runs all checks, and stops everything, whatever happens. */
async function run(): Promise<void> {
  await using ending = new AsyncDisposableStack();
  checks.progress('Installing the AWS emulator, unless it is there');
  await MiniStack.install(signal);
  const emulator = await MiniStack.start(signal);
  let isComplete = false;
  ending.defer(async () => {
    await emulator.stop();
    if (!isComplete || !checks.good) showLog(emulator);
  });
  const stack = await Stack.open(emulator.url, signal);
  ending.defer(() => stack.close());
  const source = sampleSource();
  const destination = sampleDestination();
  for (const { gitlab } of [source, destination]) {
    await gitlab.start();
    ending.defer(() => gitlab.stop());
  }

  checks.progress(`Deploying to ${emulator.url}`);
  const outputs = await deploy(stack, destination.gitlab.url);
  const deployment = new Deployment(emulator.url, outputs, signal);
  const functions = new DeployedFunctions(emulator.url, signal);
  const world = { checks, deployment, functions, source, destination, signal };

  checks.progress(`Migrating through ${deployment.endpoint}`);
  await checkAnswersWithoutImport(world);
  await checkMigration(world);
  await checkCrashingPipeline(world);
  await checkStoppedImports(world);

  await checks.check('both GitLabs were asked for nothing that GitLab does not declare', async () => {
    const undeclared = [...source.gitlab.undeclared, ...destination.gitlab.undeclared];
    if (undeclared.length > 0) throw new Error(undeclared.join('; '));
  });

  checks.progress('Removing it');
  await checks.check('cdk destroy removes the stack, and the table with it', async () => {
    await stack.destroy();

    if (await deployment.tableExists()) throw new Error('The table is still there.');
  });
  isComplete = true;
}

async function deploy(stack: Stack, destinationUrl: string): Promise<StackOutputs> {
  let outputs: StackOutputs | undefined;
  let simplified: string[] = [];
  await checks.require('cdk synth bundles every function', async () => {
    simplified = await stack.synthesize({
      destinationUrl,
      allowPrivateNetworks: 'true',
      allowLoopback: 'true',
    });
  });
  if (simplified.length > 0) {
    checks.progress(`  (the emulator has no metric math: ${simplified.length} alarms get a stand-in metric)`);
  }
  await checks.require('cdk bootstrap prepares the account', () => stack.bootstrap());
  await checks.require('cdk deploy makes every resource and tells the outputs', async () => {
    outputs = await stack.deploy();
  });
  if (outputs === undefined) throw new Error('There are no outputs.');
  return outputs;
}

/** For whoever has to find out why a check failed. */
function showLog(emulator: MiniStack): void {
  if (interruption.signal.aborted) return;
  stdout.write(`\nThe last lines of the emulator's log:\n\n${emulator.log.slice(-LOG_CHARACTERS)}\n`);
}
