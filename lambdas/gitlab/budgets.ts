import type { Instance } from '../domain/errors.ts';
import { environment } from '../platform/environment.ts';
import { BudgetExceededError, RunBudgetError } from './errors.ts';

/**
 * What a GitLab may send, in one place: each number that bounds what comes from outside, and why it is that one. The
 * measure of all is a Lambda's memory (512 MB) and that every import ends; what a GitLab that means well sends is far
 * below. Most follow from GitLab's own limits and are fixed; those that depend on how large a migration is are the
 * operator's (`OPERATOR_BUDGETS`).
 */

const KIB = 1024;
const MIB = 1024 * KIB;

/** A budget that the operator may change. */
export interface OperatorBudget {
  /** Environment variable of a function, and of `npm start`. */
  variable: string;
  otherwise: number;
  least: number;
  most: number;
}

/** By the name that the context of a deployment has for it. */
export const OPERATOR_BUDGETS = {
  /**
   * MiB of one JSON response, decompressed. 100 records of GitLab's largest description (1 MiB) can be more; then pages
   * get smaller. A response is in memory as bytes and as text, of up to two bytes a character: 32 MiB take 130 MB.
   */
  responseMegabytes: { variable: 'RESPONSE_MEGABYTES', otherwise: 16, least: 1, most: 32 },
  /** MiB of all responses of one run (at most 15 minutes), of both GitLabs. 10,000 pages of labels have about 300 MiB. */
  runMegabytes: { variable: 'RUN_MEGABYTES', otherwise: 1024, least: 1, most: 100_000 },
  /** Pages of 100 records of one list. A million records are more than any group has of one kind. */
  pagesPerList: { variable: 'PAGES_PER_LIST', otherwise: 10_000, least: 1, most: 1_000_000 },
  /** Groups that one import may come to have by the subgroups that its source names: twenty times what one POST takes. */
  entitiesPerImport: { variable: 'ENTITIES_PER_IMPORT', otherwise: 20_000, least: 1, most: 1_000_000 },
} as const satisfies Record<string, OperatorBudget>;

export type OperatorBudgetName = keyof typeof OPERATOR_BUDGETS;
export const OPERATOR_BUDGET_NAMES = Object.keys(OPERATOR_BUDGETS) as OperatorBudgetName[];

/** What the operator has chosen, else the default. */
function chosen(name: OperatorBudgetName): number {
  const { variable, otherwise } = OPERATOR_BUDGETS[name];
  const text = environment.budget(variable);
  if (text === undefined) return otherwise;
  try {
    return parseBudget(name, text);
  } catch (error) {
    throw new Error(`The environment variable ${variable} ${(error as Error).message}.`);
  }
}

/** The budgets that an operator has chosen, by name; the others have their defaults. */
export type ChosenBudgets = { [Name in OperatorBudgetName]?: number | undefined };

/** A budget as an operator has written it. @throws Error that says what it takes, as the end of a sentence */
export function parseBudget(name: OperatorBudgetName, text: string): number {
  const { least, most } = OPERATOR_BUDGETS[name];
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new Error(`must be a whole number from ${least} to ${most}, not '${text}'`);
}

/** The environment of a function, or of `npm start`, in which these are chosen. */
export function variablesOf(budgets: ChosenBudgets): Record<string, string> {
  return Object.fromEntries(
    OPERATOR_BUDGET_NAMES.map(name => [OPERATOR_BUDGETS[name].variable, String(budgets[name] ?? '')]),
  );
}

/** Budgets of a response. */
export const RESPONSE = {
  /** Bytes of a JSON response, decompressed. */
  bytes: () => MIB * chosen('responseMegabytes'),
  /**
   * The same where a caller waits and 24 look-ups are under way, 36 MiB together: fifty groups, or a list of 100, have
   * some 300 KB.
   */
  checkBytes: () => Math.min(1.5 * MIB, RESPONSE.bytes()),
  /** Bytes of a response that is no success. What a GitLab has against a request stands at its beginning. */
  errorBytes: 256 * KIB,
  /**
   * Objects, lists and members of a JSON response: 100 boards of 100 lists have some 150,000. A value takes a byte or
   * two of the response and up to 60 in memory, so that 16 MiB would become 500 MB.
   */
  values: 250_000,
  /** Levels of a JSON response; those that are asked for here have fewer than ten. */
  depth: 64,
  /** Bytes of all headers of a response: Node's own limit, whatever its options say. */
  headerBytes: 16 * KIB,
  /** Encodings that were applied one after the other; nobody compresses twice. */
  encodings: 2,
  /** GitLab's own limit for an avatar is 200 KB; more than 1 MiB is not an avatar. */
  avatarBytes: MIB,
} as const;

/** Budgets of a list, and of what one run reads in all. */
export const LIST = {
  /** Records of one page; GitLab never sends more than it is asked for. */
  recordsPerPage: 100,
  /** Pages of 100 records. */
  pages: () => chosen('pagesPerList'),
  /** Records of one relation of a group, over all of its runs. */
  records: () => LIST.recordsPerPage * LIST.pages(),
  /** Empty pages in a row: a GitLab whose list has gaps answers now and then with one. */
  emptyPages: 3,
  /** Bytes of the pages of a list that is kept as a whole, which as text may take twice as much. */
  wholeBytes: 64 * MIB,
  /** Characters of a cursor; GitLab's have about 100, and ours must fit into the table. */
  cursor: 1024,
  /** Elements of a list inside of a record: the lists of a board, the labels of its scope, the scopes of a token. */
  elements: 1_000,
  /** Bytes of all responses of a run, of both GitLabs. */
  runBytes: () => MIB * chosen('runMegabytes'),
} as const;

/** Budgets of a tree of groups. */
export const TREE = {
  /** Groups above a group; GitLab allows no more. */
  ancestors: 20,
  entities: () => chosen('entitiesPerImport'),
} as const;

/**
 * Characters of the texts of a record, by the name of the field; `other` for a name, a title, a path, a colour, a date. A
 * text over its budget is the failure of its record. GitLab's columns take 255 characters; four times as many leave the
 * rest to the destination's own words. A description has GitLab's largest, a full path 20 names with slashes between.
 */
export const TEXT = {
  other: KIB,
  description: MIB,
  full_path: 20 * 256,
  link_url: 8 * KIB,
  image_url: 8 * KIB,
} as const;

/** Characters of a text that is no record's: a version, a name of a scope, a path that was looked up. */
export const SHORT_TEXT = 8 * KIB;

/** A budget that was exceeded, as a message names it. */
export interface Exceeded {
  instance: Instance;
  /** What it was asked, in the infinitive. */
  operation: string;
  method?: string;
  /** What came, and how much of it is taken: `its list has more than 10,000 pages`. */
  what: string;
  /** The operator's setting. */
  setting?: OperatorBudgetName;
}

const messageOf = ({ instance, operation, what, setting }: Exceeded) => ({
  before: `The ${instance} GitLab, asked to ${operation}, sent too much: `,
  quoted: what,
  after: `. ${adviceOf(setting)}`,
});

function adviceOf(setting: OperatorBudgetName | undefined): string {
  if (setting === undefined) return 'Check what answers there, and that its version is supported.';
  return `If it is right, let the operator of this service raise ${OPERATOR_BUDGETS[setting].variable}.`;
}

const requestOf = ({ instance, method = 'GET', what }: Exceeded) => ({
  instance,
  method,
  status: 200,
  reason: what,
});

/** The error for a response over a budget. */
export function budgetExceeded(exceeded: Exceeded, Kind = BudgetExceededError): BudgetExceededError {
  return new Kind(messageOf(exceeded), requestOf(exceeded));
}

/** The error for a budget of a whole run or import: no other record of the pipeline would fare better. */
export function runBudgetExceeded(exceeded: Exceeded): RunBudgetError {
  return new RunBudgetError(messageOf(exceeded), requestOf(exceeded));
}

/** What one run may still read, of both GitLabs together. */
export class RunBudget {
  readonly #most = LIST.runBytes();
  #read = 0;

  /** Counts a response. @throws RunBudgetError when it was one too many */
  spend(bytes: number, asked: Pick<Exceeded, 'instance' | 'operation' | 'method'>): void {
    this.#read += bytes;
    if (this.#read <= this.#most) return;
    throw runBudgetExceeded({
      ...asked,
      what: `all responses of one run have more than ${this.#most / MIB} MiB`,
      setting: 'runMegabytes',
    });
  }
}
