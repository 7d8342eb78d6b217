import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SampleGitLab } from '../../../lib/gitlab-simulator/sample-gitlab.ts';
import { ApiClient } from '../service/bulk-imports-client.ts';
import { afterEveryFile } from '../test-run/hooks.ts';

const SCRIPT = fileURLToPath(new URL('../../../bin/local.ts', import.meta.url));

const running = new Set<ChildProcess>();
afterEveryFile(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts the service between two sample GitLabs as a process of its own, and a client of it. */
export async function startProcess(
  dataDir: string,
  source: Pick<SampleGitLab, 'url'>,
  destination: Pick<SampleGitLab, 'url'>,
): Promise<{ local: LocalProcess; api: ApiClient }> {
  const local = new LocalProcess({
    DESTINATION_GITLAB_URL: destination.url,
    PORT: '0',
    DATA_DIR: dataDir,
    ALLOW_PRIVATE_NETWORKS: 'true',
  });
  return { local, api: new ApiClient(await local.listening(), source.url) };
}

/** What every program needs, of the environment of this process. */
function passedOn(): Record<string, string> {
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE = '' } = process.env;
  return { PATH, HOME, NODE_COMPILE_CACHE };
}

/** `npm start` as a process of its own, with what it prints. */
export class LocalProcess {
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | null>;
  stdout = '';
  stderr = '';

  /** @param env settings; of this process only what every program needs goes with them */
  constructor(env: Record<string, string>) {
    this.#child = spawn(process.execPath, [SCRIPT], {
      env: { ...passedOn(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(this.#child);
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.#exit = once(this.#child, 'close').then(([code]) => {
      running.delete(this.#child);
      return code as number | null;
    });
  }

  /** Waits until it listens and returns its URL. @throws with what it printed when it ends instead */
  async listening(): Promise<string> {
    for (;;) {
      const url = /^listening on (http:\/\/127\.0\.0\.1:\d+)$/m.exec(this.stdout)?.[1];
      if (url !== undefined) return url;
      const output = this.#child.stdout;
      const ended = await Promise.race([
        this.#exit.then(() => true),
        output && once(output, 'data').then(() => false),
      ]);
      if (ended) throw new Error(`the service ended: ${this.stdout}${this.stderr}`);
    }
  }

  /** Waits for its end and returns the exit code; `null` after a signal. */
  ended(): Promise<number | null> {
    return this.#exit;
  }

  /** Sends a signal and waits for the end. */
  async stop(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<number | null> {
    this.#child.kill(signal);
    return this.#exit;
  }
}
