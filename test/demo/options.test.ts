import { describe, expect, it } from 'vitest';
import { OptionsError, parseOptions } from '../../lib/demo/options.ts';

describe('parseOptions', () => {
  it('has all options off by default', () => {
    expect(parseOptions([])).toEqual({ help: false, plain: false, keep: false, report: 'demo-report.html' });
  });

  it('reads each option', () => {
    expect(parseOptions(['--keep', '--plain', '--report', 'r.html'])).toEqual({
      help: false,
      plain: true,
      keep: true,
      report: 'r.html',
    });
    expect(parseOptions(['--help'])).toMatchObject({ help: true });
    expect(parseOptions(['-h'])).toMatchObject({ help: true });
  });

  it.each([
    [['--kepp'], "Unknown option '--kepp'. The options are --keep, --report FILE, --plain and --help."],
    [['acme'], "Unexpected argument 'acme'. The options are --keep, --report FILE, --plain and --help."],
    [
      ['--keep=1'],
      "Option '--keep' does not take an argument. The options are --keep, --report FILE, --plain and --help.",
    ],
  ])('refuses %j in one sentence that names it', (args, message) => {
    expect(() => parseOptions(args)).toThrow(new OptionsError(message));
  });
});
