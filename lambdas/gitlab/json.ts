import { RESPONSE } from './budgets.ts';

/** A JSON text would become more than this service takes. */
export class JsonBudgetError extends Error {
  override readonly name = 'JsonBudgetError';
  /** Whether fewer records would do. */
  readonly isSize: boolean;

  constructor(what: string, isSize: boolean) {
    super(what);
    this.isSize = isSize;
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;

/**
 * Parses JSON that a GitLab has sent. Its bytes are counted first, without making anything of them: 16 MiB of `{}`
 * would be more than a Lambda's memory.
 *
 * @throws JsonBudgetError when it has too many values or levels, SyntaxError when it is no JSON
 */
export function parseJson(body: Buffer): unknown {
  checkBudgets(body);
  return JSON.parse(body.toString('utf8'));
}

function checkBudgets(body: Buffer): void {
  let values = 1;
  let depth = 0;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === QUOTE) {
      at++;
      while (at < body.length && body[at] !== QUOTE) at += body[at] === BACKSLASH ? 2 : 1;
    } else if (byte === COMMA) {
      values++;
    } else if (byte === 0x5b || byte === 0x7b) {
      values++;
      depth++;
      if (depth > RESPONSE.depth) {
        throw new JsonBudgetError(`its response has more than ${RESPONSE.depth} levels`, false);
      }
    } else if (byte === 0x5d || byte === 0x7d) {
      depth--;
    }
    if (values > RESPONSE.values) {
      throw new JsonBudgetError(`its response has more than ${RESPONSE.values} values`, true);
    }
  }
}
