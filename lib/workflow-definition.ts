import { readFileSync } from 'node:fs';

/** A state, as far as it matters here. */
interface State {
  Type: string;
  Retry?: unknown;
  ItemProcessor?: { States: States };
}

type States = Record<string, State>;

const FOLDER = new URL('../state-machines/', import.meta.url);

const read = (file: string): unknown => JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'));

/**
 * The JSON text of the workflow's definition, as the deployment and the local runtime both run it: that of
 * `import.asl.json`, with the retry policies of `retries.json` at every task. Policies stand once, so that no task can
 * lack one. Functions are placeholders, `${StartImportFunction}`.
 */
export function workflowDefinition(): string {
  const definition = read('import.asl.json') as { States: States };
  addRetries(definition.States, read('retries.json'));
  return JSON.stringify(definition, null, 2);
}

function addRetries(states: States, policies: unknown): void {
  for (const state of Object.values(states)) {
    if (state.Type === 'Task') state.Retry = policies;
    if (state.ItemProcessor !== undefined) addRetries(state.ItemProcessor.States, policies);
  }
}
