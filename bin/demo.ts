/** `npm run demo`: a migration between two sample GitLabs, to be watched. */

import '../lib/demo/quiet-logs.ts';

import { runDemo } from '../lib/demo/demo.ts';
import { OptionsError, parseOptions, USAGE } from '../lib/demo/options.ts';
import { screenOf } from '../lib/demo/terminal.ts';

const { stdout, stderr } = process;
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // npm passes Ctrl-C on to a process that had it from the terminal already, so that it may come twice.
  process.on(signal, () => interruption.abort());
}
// The reader has gone, as in `npm run demo | head`.
stdout.on('error', () => interruption.abort());

process.exitCode = await main();
// Connections that are kept alive would hold the process for some seconds.
process.exit();

async function main(): Promise<number> {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options.help) {
      stdout.write(USAGE);
      return 0;
    }
    const good = await runDemo(options, {
      write: text => stdout.write(text),
      screen: () => screenOf(stdout, process.env, options.plain),
      signal: interruption.signal,
    });
    return good ? 0 : 1;
  } catch (error) {
    if (interruption.signal.aborted) {
      stderr.write('Interrupted. Everything was stopped and removed.\n');
      return 130;
    }
    stderr.write(
      `${error instanceof OptionsError ? error.message : ((error as Error).stack ?? String(error))}\n`,
    );
    return 1;
  }
}
