/**
 * Text that is HTML. Only `html` makes it, and `html` escapes every value that is not markup itself, so a name that
 * somebody chose at a source GitLab can never become a tag or an attribute.
 */
export class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

type Value = Markup | string | number | readonly Value[];

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/**
 * A template for HTML.
 *
 * @example html`<p title="${title}">${names.map(name => html`<b>${name}</b>`)}</p>`
 */
export function html(literals: TemplateStringsArray, ...values: Value[]): Markup {
  return new Markup(
    literals.reduce((text, literal, index) => text + textOf(values[index - 1] ?? '') + literal),
  );
}

function textOf(value: Value): string {
  if (value instanceof Markup) return value.toString();
  if (Array.isArray(value)) return value.map(textOf).join('');
  return String(value).replaceAll(/[&<>"'`]/g, character => ENTITIES[character] ?? '');
}

/** No markup at all. */
export const NOTHING = new Markup('');

/** What would be shown as nothing, or would change how its neighbours are shown; what emoji need is not among it. */
const INVISIBLE = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\u{200b}\u{2060}\u{feff}]/gu;
/** More marks than any script puts on one letter. */
const STACKED_MARKS = /(\p{M}{4})\p{M}+/gu;

/**
 * A text from outside as it may be shown: on one line, nothing invisible (`U+202E` reverses what follows it, and is
 * written out), no towers of marks, and not longer than `longest`.
 */
export function printable(text: string, longest = 200): string {
  const visible = text
    .toWellFormed()
    .replaceAll(/[\t\n\r]+/g, ' ')
    .replaceAll(INVISIBLE, character => `[U+${codeOf(character)}]`)
    .replaceAll(STACKED_MARKS, '$1');
  const characters = [...visible];
  return characters.length <= longest ? visible : `${characters.slice(0, longest).join('')}…`;
}

const codeOf = (character: string) =>
  (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');

/** A text from outside; its direction of writing stays its own. */
export function foreign(text: string, longest?: number): Markup {
  return html`<bdi>${printable(text, longest)}</bdi>`;
}

/** A number with separators: `12,345`. */
export function number(value: number): string {
  return value.toLocaleString('en-US');
}

/** A number with its noun: `1 group`, `2,000 groups`. */
export function count(value: number, noun: string): string {
  return `${number(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** A size as people read it: `1.2 GiB`. */
export function size(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${number(Number((bytes / 1024 ** step).toFixed(1)))} ${units[step]}`;
}

/** A span of time in its two largest units: `3 s`, `4 min 10 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const units: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = units.findIndex(([amount]) => amount > 0);
  if (first === -1) return '0 s';
  return units
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
}

/** A point in time, to the second, in UTC. */
export function time(iso: string): Markup {
  const [date, clock = ''] = iso.split('T');
  return html`<time datetime="${iso}">${date ?? ''} ${clock.slice(0, 8)} UTC</time>`;
}

/** The hour of a point in time that is near, to the minute, in UTC. */
export function hour(iso: string): Markup {
  return html`<time datetime="${iso}">${iso.split('T')[1]?.slice(0, 5) ?? ''} UTC</time>`;
}
