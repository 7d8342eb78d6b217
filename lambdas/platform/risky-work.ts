import { type InvocationIds, invocationIds } from './invocation.ts';

/** Is told before and after work that can take more memory than the process has. */
export interface Witness {
  /** May throw, and the work is not done. */
  before(ids: InvocationIds): void;
  after(): void;
}

let witness: Witness | undefined;

/** Has somebody told of risky work. In AWS nobody need be: there the process is that of one run, and its end is seen. */
export function witnessRiskyWork(chosen: Witness | undefined): void {
  witness = chosen;
}

/**
 * Does what can end the process because a GitLab has sent something for which no limit was thought of. It must not
 * wait in between, so that whoever is told last before the process ends was the one.
 */
export function riskyWork<T>(act: () => T): T {
  if (witness === undefined) return act();
  witness.before(invocationIds());
  try {
    return act();
  } finally {
    witness.after();
  }
}
