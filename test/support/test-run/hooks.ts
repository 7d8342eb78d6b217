type Hook = () => unknown;

const afterTests = new Set<Hook>();
const afterFiles = new Set<Hook>();

/**
 * Has something done after every test. For modules that several test files import: of those that share a process only
 * the first one loads them, so a hook of vitest's would be a hook of that file alone.
 */
export function afterEveryTest(hook: Hook): void {
  afterTests.add(hook);
}

/** Has something done when the tests of a file are over. */
export function afterEveryFile(hook: Hook): void {
  afterFiles.add(hook);
}

export async function runAfterTest(): Promise<void> {
  for (const hook of afterTests) await hook();
}

export async function runAfterFile(): Promise<void> {
  for (const hook of [...afterFiles].reverse()) await hook();
}
