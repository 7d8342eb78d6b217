/** The colours of everything that people look at, in light and dark: each has a contrast of 4.5 or more on its ground. */
export const LIGHT = `
  color-scheme: light;
  --text: #1f2328; --muted: #57606a; --back: #ffffff; --panel: #f6f8fa; --line: #d0d7de; --edge: #6e7781;
  --accent: #0969da; --good: #116329; --bad: #b3202b; --warn: #7d4e00; --track: #ffffff;`;

export const DARK = `
  color-scheme: dark;
  --text: #e6edf3; --muted: #9da7b3; --back: #0d1117; --panel: #161b22; --line: #30363d; --edge: #8b949e;
  --accent: #58a6ff; --good: #56d364; --bad: #ff8f88; --warn: #e3b341; --track: #0d1117;`;
