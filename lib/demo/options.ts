import { parseArgs } from 'node:util';

export interface DemoOptions {
  help: boolean;
  /** Lines that are only ever added, without colours. */
  plain: boolean;
  /** Leaves everything running until Ctrl-C. */
  keep: boolean;
  /** File for the report. */
  report: string;
}

/** What is wrong with the command line, for the person who typed it. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
}

export const USAGE = `Usage: npm run demo [-- <options>]

Starts two sample GitLabs and the service on this machine, plans and
migrates a tree of 12 groups with 5 projects from one to the other, tries again what has
failed, verifies it and reports what was moved. Nothing is installed, no other machine is contacted,
and nothing is left but the report.

Options:
  --keep          leave everything running afterwards, until Ctrl-C, to try requests
  --report FILE   where to leave the report (demo-report.html)
  --plain         plain lines instead of a table that is redrawn; no colours
  --help          show this text

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
        report: { type: 'string', default: 'demo-report.html' },
      },
      allowPositionals: false,
    });
    const { help, plain, keep, report } = values;
    return { help, plain, keep, report };
  } catch (error) {
    const [reason = ''] = (error as Error).message.split(/\.\s|\n/);
    throw new OptionsError(
      `${reason.replace(/\.$/, '')}. The options are --keep, --report FILE, --plain and --help.`,
    );
  }
}
