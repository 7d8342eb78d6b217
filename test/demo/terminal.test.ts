import { describe, expect, it } from 'vitest';
import { LiveDisplay } from '../../lib/demo/live-display.ts';
import { endToWidth, paint, screenOf, toWidth, wrap } from '../../lib/demo/terminal.ts';

const TERMINAL = { isTTY: true, columns: 90, rows: 30 } as const;

describe('screenOf', () => {
  it('redraws with colours in a terminal', () => {
    expect(screenOf(TERMINAL, {}, false)).toEqual({ columns: 90, rows: 30, color: true, live: true });
  });

  it('redraws without colours when NO_COLOR is set', () => {
    expect(screenOf(TERMINAL, { NO_COLOR: '1' }, false)).toMatchObject({ color: false, live: true });
    expect(screenOf(TERMINAL, { NO_COLOR: '' }, false)).toMatchObject({ color: true });
  });

  it('writes plain lines when asked to, to a pipe and to a dumb terminal', () => {
    const plain = { color: false, live: false };

    expect(screenOf(TERMINAL, {}, true)).toMatchObject(plain);
    expect(screenOf(TERMINAL, { TERM: 'dumb' }, false)).toMatchObject(plain);
    expect(screenOf({ isTTY: false, columns: 90, rows: 30 }, {}, false)).toEqual({
      ...plain,
      columns: 100,
      rows: 24,
    });
  });
});

describe('text', () => {
  it('is painted only on a screen with colours', () => {
    expect(paint('green', 'yes', { color: true })).toBe('\x1b[32myes\x1b[39m');
    expect(paint('green', 'yes', { color: false })).toBe('yes');
  });

  it('is cut off or filled to a width', () => {
    expect(toWidth('group', 7)).toBe('group  ');
    expect(toWidth('group', 4)).toBe('gro…');
    expect(endToWidth('acme/design', 7)).toBe('…design');
    expect(endToWidth('acme', 6)).toBe('acme  ');
    expect(toWidth('group', 0) + endToWidth('group', 0)).toBe('');
  });

  it('is broken between words, after an indent', () => {
    expect(wrap('one two three four', 9, '  ')).toEqual(['  one two', '  three', '  four']);
    expect(wrap('a-word-that-is-too-long no', 9)).toEqual(['a-word-that-is-too-long', 'no']);
  });
});

describe('LiveDisplay', () => {
  it('hides the cursor, overwrites the last frame and gives the cursor back once', () => {
    const writes: string[] = [];
    const display = new LiveDisplay(text => writes.push(text));

    display.draw(['one', '\x1b[32mtwo\x1b[39m'], 80);
    display.draw(['three'], 80);
    display.end();
    display.end();

    expect(writes).toEqual([
      '\x1b[?25lone\x1b[K\n\x1b[32mtwo\x1b[39m\x1b[K\n\x1b[J',
      '\x1b[2A\rthree\x1b[K\n\x1b[J',
      '\x1b[?25h',
    ]);
  });

  it('goes back over as many rows as the last frame takes in a terminal that has become narrower', () => {
    const writes: string[] = [];
    const display = new LiveDisplay(text => writes.push(text));

    display.draw(['x'.repeat(70), 'y'.repeat(10), ''], 80);
    display.draw(['z'], 30);

    expect(writes[1]).toMatch(new RegExp(`^${'\x1b'}\\[5A\\rz`));
  });

  it('writes nothing at its end when it was not used', () => {
    const writes: string[] = [];

    new LiveDisplay(text => writes.push(text)).end();

    expect(writes).toEqual([]);
  });
});
