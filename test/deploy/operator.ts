import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { DESTINATION_TOKEN, SOURCE_TOKEN } from '../../lib/demo/sample-people.ts';
import { runCommand } from '../support/processes/commands.ts';

export const ACCOUNT = '000000000000';
/** One for which the AWS CLI of PyPI has no address of SQS of its own, which it would prefer to the emulator's. */
export const REGION = 'eu-central-2';
const STACK = 'GitLabBulkImports-prod';
const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Settings that the GitLabs of the test need, since they listen on this machine, and fewer waits. They are in the
 * operator's own file, so that the commands of the documents stay as they are.
 */
const SETTINGS = {
  allowPrivateNetworks: 'true',
  allowLoopback: 'true',
  importsPerMinute: '60',
  // Likewise no limit at the sample GitLabs.
  projectExportsPerMinute: '0',
  projectImportsPerMinute: '0',
  projectDownloadsPerMinute: '0',
};

const outputsSchema = z.object({
  Endpoint: z.url(),
  TableName: z.string(),
  ArchivesBucket: z.string(),
  StateMachineArn: z.string(),
  ReconcileFunction: z.string(),
  DeadLetterQueueUrl: z.url(),
});

/** What the stack tells about itself. */
export type StackOutputs = z.infer<typeof outputsSchema>;

/** Somebody with a shell in this repository, an AWS account, and two GitLabs, who does what the documents say. */
export class Operator {
  /** What is put into the place of a placeholder of the documents. */
  readonly #values: Map<string, string>;
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #signal: AbortSignal;

  private constructor(
    folder: string,
    env: NodeJS.ProcessEnv,
    values: [string, string][],
    signal: AbortSignal,
  ) {
    this.#folder = folder;
    this.#env = env;
    this.#values = new Map(values);
    this.#signal = signal;
  }

  /** @param emulator where all of AWS is, and the folder of the AWS CLI */
  static async arrive(
    emulator: { url: string; programs: string },
    gitlabs: { source: string; destination: string },
    signal: AbortSignal,
  ): Promise<Operator> {
    const folder = await mkdtemp(join(tmpdir(), 'gitlab-bulk-imports-operator-'));
    const home = join(folder, 'home');
    await mkdir(home);
    await writeFile(join(home, '.cdk.json'), JSON.stringify({ requireApproval: 'never', context: SETTINGS }));
    await writeFile(join(home, '.curlrc'), 'silent\nshow-error\nfail-with-body\n');
    const env = {
      ...freshEnvironment(),
      HOME: home,
      PATH: [emulator.programs, ownPrograms()].join(delimiter),
      AWS_ENDPOINT_URL: emulator.url,
      AWS_ACCESS_KEY_ID: ACCOUNT,
      AWS_SECRET_ACCESS_KEY: 'emulator',
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      // Neither profiles of this machine nor its instance's role.
      AWS_CONFIG_FILE: join(home, 'no-config'),
      AWS_SHARED_CREDENTIALS_FILE: join(home, 'no-credentials'),
      AWS_EC2_METADATA_DISABLED: 'true',
      // The answer to whatever the CDK CLI asks, and a folder that no other command writes to.
      CDK_YES: 'true',
      CDK_OUTPUT: join(folder, 'cdk.out'),
      npm_config_update_notifier: 'false',
    };
    const values: [string, string][] = [
      ['https://gitlab.example.com', gitlabs.destination],
      ['https://old.example.com', gitlabs.source],
      ['<your token of the destination, scope api>', DESTINATION_TOKEN],
      ['<your token of the source, scope api>', SOURCE_TOKEN],
      ['<your token>', DESTINATION_TOKEN],
      ['<token of the source>', SOURCE_TOKEN],
      ['<token of the destination>', DESTINATION_TOKEN],
    ];
    return new Operator(folder, env, values, signal);
  }

  /** Tells what a placeholder of the documents stands for, e.g. `<TableName>` or `$ENDPOINT`. */
  learn(values: Record<string, string>): void {
    for (const [placeholder, value] of Object.entries(values)) this.#values.set(placeholder, value);
  }

  /** Runs a command of a document. @returns what it wrote, standard output and error as they came */
  run(command: string): Promise<string> {
    let filled = command;
    for (const [placeholder, value] of this.#values) filled = filled.replaceAll(placeholder, value);
    const [unknown] = /<[A-Za-z][^<>]*>/.exec(filled) ?? [];
    if (unknown !== undefined) throw new Error(`Nobody told what ${unknown} stands for: ${command}`);
    // A pipe of the shell, since /dev/stdout cannot be opened where it is a socket, as it is for processes of Node.
    return runCommand('bash', ['-c', `set -o pipefail\n{ ${filled}\n} 2>&1 | cat`], {
      cwd: REPOSITORY,
      env: this.#env,
      signal: this.#signal,
      timeoutMs: 600_000,
    });
  }

  /** Runs `cdk deploy` and reads what it prints at its end. */
  async deploy(command: string): Promise<StackOutputs> {
    const printed = (await this.run(command)).matchAll(new RegExp(`^${STACK}\\.(\\w+) = (.*)$`, 'gm'));
    const outputs = outputsSchema.parse(
      Object.fromEntries([...printed].map(([, name, value]) => [name, value])),
    );
    this.learn(Object.fromEntries(Object.entries(outputs).map(([name, value]) => [`<${name}>`, value])));
    return outputs;
  }

  /** Removes the files that the commands have left. */
  async leave(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** What a shell has: neither what npm gives to its scripts, nor somebody's AWS account or proxy. */
function freshEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_.*|AWS_.*|https?_proxy)$/i.test(name)),
  );
}

/** The folders of this machine's programs, its Node among them, without those of this repository. */
function ownPrograms(): string {
  const folders = process.env.PATH?.split(delimiter) ?? [];
  return folders.filter(folder => !folder.startsWith(REPOSITORY)).join(delimiter);
}
