import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PythonEnvironment } from '../support/processes/python-environment.ts';
import { waitUntil } from './wait-until.ts';

const python = new PythonEnvironment(
  'ministack',
  new URL('requirements.txt', import.meta.url),
  'The deployment test',
);

const EMULATOR = fileURLToPath(new URL('emulator.py', import.meta.url));

/** AWS on this machine: MiniStack, an emulator from PyPI. Lambda functions run in it as processes of this Node. */
export class MiniStack {
  readonly url: string;
  readonly #process: ChildProcess;
  readonly #folder: string;
  #output = '';

  private constructor(child: ChildProcess, url: string, folder: string) {
    this.#process = child;
    this.url = url;
    this.#folder = folder;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', chunk => {
        this.#output += chunk;
      });
    }
    // The last resort, when this process ends by an exception that nobody caught.
    process.once('exit', this.#kill);
  }

  /** Installs the pinned version, unless it is there. @returns whether it had to */
  static install(signal: AbortSignal): Promise<boolean> {
    return python.install(signal);
  }

  /** Starts an empty AWS account on a port of 127.0.0.1 that is free. */
  static async start(signal: AbortSignal): Promise<MiniStack> {
    const folder = await mkdtemp(join(tmpdir(), 'gitlab-bulk-imports-aws-'));
    const port = await freePort();
    const child = spawn(python.program('python'), [EMULATOR], {
      cwd: folder,
      // A group of its own, so that Ctrl-C does not end it before the stack, and its functions end with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Nothing of this environment but the way to this Node: functions inherit it.
      env: {
        PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
        BIND_HOST: '127.0.0.1',
        GATEWAY_PORT: String(port),
        STATE_DIR: join(folder, 'state'),
        S3_DATA_DIR: join(folder, 's3'),
        TMPDIR: folder,
        // Of asynchronous invocations that failed; AWS waits for a minute before the first.
        LAMBDA_ASYNC_RETRY_BASE_SECONDS: '0.1',
        PYTHONDONTWRITEBYTECODE: '1',
      },
    });
    child.on('error', () => undefined);
    const emulator = new MiniStack(child, `http://127.0.0.1:${port}`, folder);
    try {
      await waitUntil('the emulator to start', () => emulator.#isReady(), { signal });
      return emulator;
    } catch (error) {
      await emulator.stop();
      throw new Error(`MiniStack did not start.\n${emulator.log}`, { cause: error });
    }
  }

  /** The folder with the AWS CLI. */
  get programs(): string {
    return dirname(python.program('aws'));
  }

  /** Everything that it has written. */
  get log(): string {
    return this.#output;
  }

  /** Stops it, with the functions that still run, and removes what it stored. */
  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (this.#process.pid !== undefined && exitCode === null && signalCode === null) {
      const exited = once(this.#process, 'exit');
      this.#kill();
      await exited;
    }
    process.off('exit', this.#kill);
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #isReady(): Promise<true | undefined> {
    if (this.#process.pid === undefined || this.#process.exitCode !== null) throw new Error('It has ended.');
    const response = await fetch(`${this.url}/_ministack/health`).catch(() => undefined);
    return response?.ok ? true : undefined;
  }

  /** The whole group at once: nothing in there is worth an orderly end. */
  readonly #kill = () => {
    try {
      if (this.#process.pid !== undefined) process.kill(-this.#process.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
}
