import { parseArgs } from 'node:util';

export interface DemoOptions {
  help: boolean;
  /** Lines that are only ever added, without colours. */
  plain: boolean;
  /** Leaves everything running until Ctrl-C. */
  keep: boolean;
}

/** What is wrong with the command line, for the person who typed it. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
}

export const USAGE = `Usage: npm run demo [-- <options>]

Starts two sample GitLabs and the service on this machine, migrates a tree of
12 groups with 5 projects from one to the other and reports what was moved. Nothing is
installed, no other machine is contacted, and nothing is left running.

Options:
  --keep    leave everything running afterwards, until Ctrl-C, to try requests
  --plain   plain lines instead of a table that is redrawn; no colours
  --help    show this text

Without colours, but with the table: NO_COLOR=1 npm run demo
`;

/** Reads the command line of the demo. @throws OptionsError that names the argument */
export function parseOptions(args: string[]): DemoOptions {
  try {
    const { values } = parseArgs({
      args,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        plain: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
      },
      allowPositionals: false,
    });
    return { help: values.help, plain: values.plain, keep: values.keep };
  } catch (error) {
    const [reason = ''] = (error as Error).message.split(/\.\s|\n/);
    throw new OptionsError(`${reason.replace(/\.$/, '')}. The options are --keep, --plain and --help.`);
  }
}
