/** The basic colour names of CSS; GitLab stores their hexadecimal form. */
const COLOR_NAMES = new Map(
  Object.entries({
    aqua: '#00FFFF',
    black: '#000000',
    blue: '#0000FF',
    fuchsia: '#FF00FF',
    gray: '#808080',
    green: '#008000',
    lime: '#00FF00',
    maroon: '#800000',
    navy: '#000080',
    olive: '#808000',
    orange: '#FFA500',
    purple: '#800080',
    red: '#FF0000',
    silver: '#C0C0C0',
    teal: '#008080',
    white: '#FFFFFF',
    yellow: '#FFFF00',
  }),
);

/** A colour as GitLab stores it: by its name, if it has one. */
export function colorOf(color: string): string {
  const text = color.trim();
  return COLOR_NAMES.get(text.toLowerCase()) ?? text;
}
