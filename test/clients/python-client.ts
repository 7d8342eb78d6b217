import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { PythonEnvironment } from '../support/processes/python-environment.ts';

const LONGEST_SCRIPT_MS = 60_000;

const python = new PythonEnvironment(
  'python-gitlab',
  new URL('requirements.txt', import.meta.url),
  'The test with python-gitlab',
);

/**
 * Runs a script of this folder with python-gitlab at its pinned version, which is installed if it is not there.
 *
 * @param settings what the script reads from its standard input
 * @returns the JSON of the last line that it printed
 */
export async function runPython(script: string, settings: unknown): Promise<unknown> {
  await python.install(new AbortController().signal);
  const child = spawn(python.program('python'), [fileURLToPath(new URL(script, import.meta.url))], {
    // Nothing of this environment: a proxy or a configuration file of the client would change what it does.
    env: { PATH: process.env.PATH ?? '', PYTHON_GITLAB_CFG: '', PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: LONGEST_SCRIPT_MS,
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  child.stdin.end(JSON.stringify(settings));
  const [code, output, problems] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (code !== 0) throw new Error(`${script} ended with ${code}:\n${problems}`);
  return JSON.parse(output.trimEnd().split('\n').at(-1) ?? '');
}
