interface Entry {
  readonly gitlab: object;
  readonly text: string;
}

/**
 * What the simulated GitLabs of this process were asked that GitLab does not declare, until somebody takes it. One
 * list for the whole process, so that a test fails whichever GitLab it was.
 */
const met: Entry[] = [];

/** Remembers a request that GitLab refuses for its form, or of which it silently ignores a part. */
export function noteUndeclared(gitlab: object, text: string): void {
  met.push({ gitlab, text });
}

/** What this GitLab has met so far. */
export function undeclaredOf(gitlab: object): string[] {
  return met.filter(entry => entry.gitlab === gitlab).map(({ text }) => text);
}

/** Takes out what one GitLab has met, or what all have. */
export function takeUndeclared(gitlab?: object): string[] {
  const taken = met.filter(entry => gitlab === undefined || entry.gitlab === gitlab);
  const left = met.filter(entry => !taken.includes(entry));
  met.splice(0, met.length, ...left);
  return taken.map(({ text }) => text);
}

/** Each kind of request once, without the ids in its path. */
export function kindsOfUndeclared(texts: readonly string[]): string[] {
  return [...new Set(texts.map(text => text.replaceAll(/\/\d+(?=[/ ])/g, '/…')))];
}
