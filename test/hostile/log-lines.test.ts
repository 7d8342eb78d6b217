import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { logger } from '../../lambdas/platform/logger.ts';

/** What the logger writes, line by line as a terminal or a log reader splits it. */
let written: string[] = [];

beforeEach(() => {
  written = [];
  logger.setLogLevel('INFO');
  for (const stream of ['info', 'warn', 'error'] as const) {
    // The logger has a console of its own.
    vi.spyOn(consoleOf(logger), stream).mockImplementation((line: string) => {
      written.push(line);
    });
  }
});

afterEach(() => {
  vi.restoreAllMocks();
  logger.setLogLevel('SILENT');
});

function consoleOf(owner: unknown): Console {
  return (owner as { console: Console }).console;
}

const HOSTILE: [string, string][] = [
  ['line breaks', 'bug\r\n{"level":"ERROR","message":"forged"}'],
  ['Unicode line separators', 'bug\u2028forged\u2029forged'],
  ['the next-line character', 'bug\u0085forged'],
  ['a terminal command', '\u001b[2J\u001b]0;title\u0007bug'],
  ['a terminal command of one byte', '\u009b2Jbug\u007f'],
  ['an order to write backwards', 'bug\u202eгub\u2066x'],
  ['what nobody sees', 'b\u200bu\u00adg\ufeff'],
  ['half a letter', 'bug\ud83d'],
  ['a zero byte', 'bug\u0000'],
  ['quotes', '","level":"ERROR","x":"'],
];

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\p{Cf}\p{Cs}]/u;

describe.each(HOSTILE)('a text with %s', (_, text) => {
  it.each<[string, () => void]>([
    ['as the message', () => logger.info(text)],
    ['as a field', () => logger.warn('record_failed', { reason: text })],
    ['deep in a field', () => logger.warn('record_failed', { a: [{ b: text }] })],
    ['as an error', () => logger.error('The workflow failed', { error: new Error(text) })],
    ['as the cause of an error', () => logger.error('x', new Error('x', { cause: new Error(text) }))],
  ])('stays in its one line %s', (_where, log) => {
    log();

    expect(written).toHaveLength(1);
    expect(written[0]).not.toMatch(UNSAFE);
    expect(JSON.parse(written[0] ?? '')).toMatchObject({ service: 'gitlab-bulk-imports' });
  });
});

it('a text that is harmless stays as it is', () => {
  logger.info('record_failed', { reason: 'Größe „L“ – 大きい 😀' });

  expect(written[0]).toContain('Größe „L“ – 大きい 😀');
});
