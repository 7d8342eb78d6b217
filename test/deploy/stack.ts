import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { runCommand } from '../support/commands.ts';
import { standInForMetricMath } from './stand-in-metrics.ts';

export const ACCOUNT = '000000000000';
export const REGION = 'us-east-1';
const STAGE = 'test';
const STACK = `GitLabBulkImports-${STAGE}`;
const CDK = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');

const outputsSchema = z.object({
  Endpoint: z.url(),
  TableName: z.string(),
  StateMachineArn: z.string(),
  ReconcileFunction: z.string(),
});

/** What the stack tells about itself. */
export type StackOutputs = z.infer<typeof outputsSchema>;

/** The stack, and the real CDK CLI to bring it into an AWS account and out again. */
export class Stack {
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #signal: AbortSignal;

  private constructor(folder: string, env: NodeJS.ProcessEnv, signal: AbortSignal) {
    this.#folder = folder;
    this.#env = env;
    this.#signal = signal;
  }

  /** @param awsUrl the endpoint that stands for all of AWS */
  static async open(awsUrl: string, signal: AbortSignal): Promise<Stack> {
    const folder = await mkdtemp(join(tmpdir(), 'gitlab-bulk-imports-cdk-'));
    const { AWS_PROFILE: _, ...others } = process.env;
    const env = {
      ...others,
      AWS_ENDPOINT_URL: awsUrl,
      AWS_ACCESS_KEY_ID: ACCOUNT,
      AWS_SECRET_ACCESS_KEY: 'emulator',
      AWS_SESSION_TOKEN: '',
      AWS_REGION: REGION,
      // Neither profiles of this machine nor its instance's role.
      AWS_CONFIG_FILE: join(folder, 'no-config'),
      AWS_SHARED_CREDENTIALS_FILE: join(folder, 'no-credentials'),
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    return new Stack(folder, env, signal);
  }

  /**
   * Bundles the functions and writes the template, once for all other commands.
   *
   * @returns the alarms that are deployed with a stand-in for their metric math
   */
  async synthesize(context: Record<string, string>): Promise<string[]> {
    const settings = { ...context, stage: STAGE, removeDataOnDestroy: 'true' };
    await this.#cdk('synth', [
      ...['--quiet', '--output', this.#assembly],
      ...Object.entries(settings).flatMap(([name, value]) => ['--context', `${name}=${value}`]),
    ]);
    return standInForMetricMath(join(this.#assembly, `${STACK}.template.json`));
  }

  async bootstrap(): Promise<void> {
    await this.#cdk('bootstrap', [`aws://${ACCOUNT}/${REGION}`, '--app', this.#assembly]);
  }

  /** @returns the outputs, once all resources are there */
  async deploy(): Promise<StackOutputs> {
    const file = join(this.#folder, 'outputs.json');
    await this.#cdk('deploy', [
      ...['--app', this.#assembly, '--require-approval', 'never', '--outputs-file', file],
    ]);
    const outputs = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    return outputsSchema.parse(outputs[STACK]);
  }

  async destroy(): Promise<void> {
    await this.#cdk('destroy', ['--app', this.#assembly, '--force']);
  }

  /** Removes the files of the CLI. */
  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #assembly(): string {
    return join(this.#folder, 'cdk.out');
  }

  async #cdk(command: string, args: string[]): Promise<void> {
    await runCommand(process.execPath, [CDK, command, ...args], {
      env: this.#env,
      signal: this.#signal,
      timeoutMs: 180_000,
    });
  }
}
