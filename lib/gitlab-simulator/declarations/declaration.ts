import type { UploadedFile } from '../uploaded-file.ts';

/** What the values of each type become. A list may also be sent as one comma-separated text. */
interface TypeValues {
  integer: number;
  boolean: boolean;
  string: string;
  /** A readable date, as it was sent. */
  datetime: string;
  file: UploadedFile;
  object: Record<string, unknown>;
  'array[integer]': number[];
  'array[string]': string[];
  'integer|string': number | string;
}

export type ParamType = keyof TypeValues;

/** From which version on, before which, and in which edition something exists; everywhere without them. */
export interface Availability {
  /** First version that has it, '16.7'. */
  readonly since?: string;
  /** First version that has it no more. */
  readonly until?: string;
  /** `ee`: not in the Community Edition; `ce`: only there. */
  readonly edition?: 'ee' | 'ce';
}

export interface Param extends Availability {
  readonly type: ParamType;
  readonly required?: true;
  readonly values?: readonly (string | number)[];
  /** Of `values`: those that came later, with their first version. */
  readonly valuesSince?: Readonly<Record<string, string>>;
  /** Values that are refused. */
  readonly except?: readonly number[];
  /** Of an object: what it may have. */
  readonly fields?: Readonly<Record<string, Param>>;
}

/** What counts for a rule is that a parameter was sent: `false` and `null` count. */
export interface Rule extends Availability {
  readonly kind: 'mutually_exclusive' | 'exactly_one_of' | 'at_least_one_of' | 'all_or_none_of' | 'required';
  readonly params: readonly string[];
}

/** GitLab's application limit of one endpoint, per user. */
export interface EndpointLimit {
  readonly limit: number;
  readonly periodSeconds: number;
  readonly since?: string;
  readonly administratorsExempt?: true;
}

/** One method and path of GitLab's REST API, with all that GitLab declares about requests to it. */
export interface Endpoint extends Availability {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/api/v4`; with two slashes, below the root. Segments that start with a colon are parameters. */
  readonly path: string;
  readonly params: Readonly<Record<string, Param>>;
  readonly rules?: readonly Rule[];
  readonly rateLimit?: EndpointLimit;
  /** Default `api`. */
  readonly scope?: 'read_user' | 'any';
  /**
   * Why a client may call it where it does not exist: the 404 tells what nothing else tells. Elsewhere such a call
   * is a mistake of the client.
   */
  readonly probedBecause?: string;
}

type ValueOf<P extends Param> = P extends { readonly values: readonly (infer V)[] }
  ? V
  : P extends { readonly fields: infer F extends Record<string, Param> }
    ? { readonly [K in keyof F]?: ValueOf<F[K]> | null }
    : TypeValues[P['type']];

/** The parameters of an endpoint after validation; `null` was sent as such, or as an empty text where no text belongs. */
export type ParamsOf<E extends Endpoint> = {
  readonly [K in keyof E['params']]: E['params'][K] extends { readonly required: true }
    ? ValueOf<E['params'][K]>
    : ValueOf<E['params'][K]> | null | undefined;
};

/** Of every list in pages. */
export const PAGING = {
  page: { type: 'integer' },
  per_page: { type: 'integer', except: [0] },
} as const satisfies Record<string, Param>;

/** Of every endpoint below a group: the id, or the full path with encoded slashes. */
export const GROUP_ID = { id: { type: 'string', required: true } } as const satisfies Record<string, Param>;
