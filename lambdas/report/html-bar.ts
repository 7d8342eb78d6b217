import type { Kind } from '../domain/kinds.ts';
import { expectedOf, type Figures } from './figures.ts';
import { html, type Markup, number } from './markup.ts';

/** Widths are drawn in thousandths. */
const WIDTH = 1_000;

interface Part {
  style: 's-good' | 's-skip' | 's-bad';
  value: number;
  words: string;
}

/** What a bar is made of: of a plan what would be there, of what was verified that, else our own counts. */
function partsOf({ imported, skipped, failed, verified, planned }: Figures, kind: Kind): Part[] {
  if (verified !== null) {
    return [
      { style: 's-good', value: verified.matched, words: 'matched' },
      { style: 's-skip', value: verified.different, words: 'different' },
      { style: 's-bad', value: verified.missing, words: 'missing' },
    ];
  }
  if (kind === 'plan') {
    const { create = 0, update = 0, unchanged = 0, skip = 0, blocked = 0 } = planned ?? {};
    return [
      { style: 's-good', value: create + update + unchanged, words: 'there afterwards' },
      { style: 's-skip', value: skip, words: 'skipped' },
      { style: 's-bad', value: blocked, words: 'blocked' },
    ];
  }
  return [
    { style: 's-good', value: imported, words: 'imported' },
    { style: 's-skip', value: skipped, words: 'skipped' },
    { style: 's-bad', value: failed, words: 'failed' },
  ];
}

/**
 * A bar of a relation or group as a drawing, which is printed where the backgrounds of boxes are not. What is there, however
 * little, has a part that is seen; what nobody has read yet stays empty.
 */
export function bar(figures: Figures, kind: Kind): Markup {
  const parts = partsOf(figures, kind).filter(({ value }) => value > 0);
  const all = figures.verified === null ? figures.source : expectedOf(figures.verified);
  const most = Math.max(
    all,
    parts.reduce((sum, { value }) => sum + value, 0),
    1,
  );
  const words = parts.map(({ value, words: what }) => `${number(value)} ${what}`).join(', ');
  let left = 0;
  const drawn = parts.map(({ style, value }) => {
    const width = Math.max((value / most) * WIDTH, 12);
    const x = Math.min(left, WIDTH - width);
    left = x + width;
    return html`<rect class="${style}" x="${x.toFixed(1)}" width="${width.toFixed(1)}" height="12"/>`;
  });
  return html`<svg role="img" aria-label="${words === '' ? 'nothing yet' : words}" viewBox="0 0 ${WIDTH} 12" preserveAspectRatio="none"><rect class="track" width="${WIDTH}" height="12"/>${drawn}</svg>`;
}

/** What the colours of the bars mean. */
export function barKey(figures: Figures, kind: Kind): Markup {
  return html`<p class="key">${partsOf(figures, kind).map(
    ({ style, words }) =>
      html`<span><svg aria-hidden="true" viewBox="0 0 12 12"><rect class="${style}" width="12" height="12"/></svg>${words}</span>`,
  )}</p>`;
}
