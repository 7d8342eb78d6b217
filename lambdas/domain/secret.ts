import { inspect } from 'node:util';

const REDACTED = '[REDACTED]';

/**
 * A token that cannot be printed by accident: `String(secret)`, template strings, `JSON.stringify`, `console.log`
 * and `util.inspect` all show `[REDACTED]`. Only `expose()` gives the value, so a search for `expose(` lists every
 * place where a token leaves its wrapper.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The token itself. Call it only where a token is sent to its own GitLab, sealed or digested. */
  expose(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
