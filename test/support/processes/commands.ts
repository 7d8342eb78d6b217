import { spawn } from 'node:child_process';

export interface CommandOptions {
  /** Default: the folder of this process. */
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  signal: AbortSignal;
  timeoutMs: number;
}

/** A command did not succeed; the message ends with its last lines. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

const SHOWN_LINES = 40;

/** Runs a command to its end. @returns what it wrote, standard output and error as they came */
export async function runCommand(
  command: string,
  args: readonly string[],
  { cwd = process.cwd(), env = process.env, signal, timeoutMs }: CommandOptions,
): Promise<string> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const child = spawn(command, args, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: AbortSignal.any([signal, timeout]),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', chunk => {
      output += chunk;
    });
  }
  let problem: Error | undefined;
  child.on('error', error => {
    problem = error;
  });
  const code = await new Promise<number | null>(resolve => child.on('close', resolve));
  if (code === 0) return output;
  const how = timeout.aborted
    ? `took longer than ${timeoutMs / 1000} seconds`
    : (problem?.message ?? `ended with exit code ${code}`);
  const last = output.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
  throw new CommandError(`${[command, ...args].join(' ')} ${how}\n${last}`, { cause: problem });
}
