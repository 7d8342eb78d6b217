/**
 * `npm run test:deploy`: the commands of the documents, from `cdk bootstrap` to the removal, against an AWS emulator,
 * and in between migrations between two sample GitLabs through the deployed endpoint. See docs/deployment-test.md.
 */

import assert from 'node:assert/strict';
import { sampleDestination, sampleSource } from '../../lib/demo/sample-source.ts';
import { CannotContinueError, Checks } from './checks.ts';
import { DeployedFunctions } from './deployed-functions.ts';
import { Deployment } from './deployment.ts';
import { DocumentedCommands } from './documents.ts';
import { MiniStack } from './ministack.ts';
import { ACCOUNT, Operator, type StackOutputs } from './operator.ts';
import { checkAnswersWithoutImport } from './scenarios/answers-without-import.ts';
import { checkCrashingLane } from './scenarios/crashing-lane.ts';
import { checkDeadLetters } from './scenarios/dead-letters.ts';
import { checkFirstImport } from './scenarios/first-import.ts';
import { checkMigration } from './scenarios/migration.ts';
import { checkProjects } from './scenarios/projects.ts';
import { checkRemoval } from './scenarios/removal.ts';
import { checkStoppedImports } from './scenarios/stopped-import.ts';
import { checkUpdate } from './scenarios/update.ts';

/** Everything together takes about six minutes, and several times as long on a machine that is busy. */
const LONGEST_MS = 30 * 60_000;
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
  const source = sampleSource();
  const destination = sampleDestination();
  for (const { gitlab } of [source, destination]) {
    await gitlab.start();
    ending.defer(() => gitlab.stop());
  }
  const gitlabs = { source: source.gitlab.url, destination: destination.gitlab.url };
  const operator = await Operator.arrive(emulator, gitlabs, signal);
  ending.defer(() => operator.leave());
  const documents = await DocumentedCommands.read();

  checks.progress(`Deploying to ${emulator.url}`);
  const outputs = await deploy(operator, documents);
  const deployment = new Deployment(emulator.url, outputs, signal);
  const functions = new DeployedFunctions(emulator.url, signal);
  const world = { checks, deployment, functions, documents, operator, source, destination, signal };

  checks.progress(`Migrating through ${deployment.endpoint}`);
  await checkAnswersWithoutImport(world);
  await checkMigration(world);
  await checkFirstImport(world);
  await checkProjects(world);
  await checkCrashingLane(world);
  await checkStoppedImports(world);
  await checkDeadLetters(world);

  await checks.check('both GitLabs were asked for nothing that GitLab does not declare', async () => {
    const undeclared = [...source.gitlab.undeclared, ...destination.gitlab.undeclared];
    if (undeclared.length > 0) throw new Error(undeclared.join('; '));
  });

  checks.progress('Updating it');
  await checkUpdate(world);

  checks.progress('Removing it');
  await checkRemoval(world);
  await checks.check('every command of the documents was run, or has a reason why not', async () => {
    assert.deepEqual(documents.left, []);
  });
  isComplete = true;
}

/** From an empty account to a deployment, by the documents. */
async function deploy(operator: Operator, documents: DocumentedCommands): Promise<StackOutputs> {
  let outputs: StackOutputs | undefined;
  await checks.check('the credentials are those of the account', async () => {
    assert.match(await operator.run(documents.take('aws sts get-caller-identity')), new RegExp(ACCOUNT));
  });
  await checks.require('cdk bootstrap prepares the account, without any setting', async () => {
    await operator.run(documents.take('npx cdk bootstrap'));
  });
  await checks.check('cdk deploy without a destination is refused with the setting to add', async () => {
    await assert.rejects(
      operator.run('npx cdk deploy'),
      /Tell which GitLab receives the groups: -c destinationUrl=[\s\S]*/,
    );
  });
  await checks.require('cdk deploy makes every resource and tells the outputs', async () => {
    outputs = await operator.deploy(documents.take('npx cdk deploy -c destinationUrl='));
  });
  if (outputs === undefined) throw new Error('There are no outputs.');
  return outputs;
}

/** For whoever has to find out why a check failed. */
function showLog(emulator: MiniStack): void {
  if (interruption.signal.aborted) return;
  stdout.write(`\nThe last lines of the emulator's log:\n\n${emulator.log.slice(-LOG_CHARACTERS)}\n`);
}
