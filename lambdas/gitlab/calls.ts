import type { Readable } from 'node:stream';
import type * as z from 'zod/mini';
import type { Change } from './write-gate.ts';

/** What a GitLab is asked for: reads, and changes that state what they change. */

/** What GitLab limits by itself, beside the limit of all requests; downloads by namespace. */
export type Action = 'project_export' | 'project_import' | `project_download:${string}`;

/** One read of a file, from a byte on. */
export interface StreamCall {
  operation: string;
  path: string;
  action?: Action;
  /** The first byte that is wanted; the whole file unless given. */
  from?: number;
  /** `ETag` or `Last-Modified` of the file that the rest is wanted of: where it has become another one, that comes whole. */
  ifRange?: string | undefined;
}

/** A file as it comes. */
export interface Download {
  /** 206 when it begins where it was asked to; after 200 it begins at its first byte, whatever was asked for. */
  status: 200 | 206;
  /** Size of the whole file; `undefined` when the GitLab does not say. */
  bytes: number | undefined;
  /** Fails with a `TemporaryError` when it breaks off. Whoever reads no further has to destroy it. */
  body: Readable;
  /** Names in lower case. */
  headers: Record<string, string>;
}

/** A form with one file, which is streamed. */
export interface Upload {
  fields: Record<string, string>;
  file: { name: 'file'; fileName: string; type: string; bytes: number; open(): Promise<Readable> };
}

/** One read of the REST API. */
export interface RestCall<T> {
  /** What the call is for, in the infinitive, for messages to users: `list the labels`. */
  operation: string;
  /** Path below `/api/v4`, or below the base URL when `root` is set. Ids and paths in it must be encoded. */
  path: string;
  root?: boolean;
  query?: Record<string, string | number | boolean>;
  schema: z.ZodMiniType<T>;
}

/** A list of the REST API, whatever its records are. */
export type ListCall = Pick<RestCall<unknown>, 'operation' | 'path' | 'query'>;

/** A GraphQL document that only reads. */
export type QueryDocument = `query${string}` | `{${string}`;

/** One read of the GraphQL API. */
export interface QueryCall<T> {
  operation: string;
  query: QueryDocument;
  variables: Record<string, unknown>;
  schema: z.ZodMiniType<T>;
  /** Errors that leave the rest of the data usable; without it every error is one. */
  tolerates?: (error: GraphqlError) => boolean;
}

/** One of the `errors` of a GraphQL response. */
export interface GraphqlError {
  message: string;
  /** Names of fields, and places in lists, on the way to what failed; empty for the whole document. */
  path: readonly unknown[];
}

/** One change by the REST API. */
export interface RestWrite<T> {
  operation: string;
  method: 'POST' | 'PUT' | 'DELETE';
  /** Several where one request writes several records. */
  change: Change | readonly Change[];
  path: string;
  json?: Record<string, unknown>;
  form?: FormData;
  upload?: Upload;
  action?: Action;
  schema: z.ZodMiniType<T>;
  /**
   * What a response with a status of success says of all its records, where it can say something else than that they are
   * written; `unknown` where it is about some of them and does not tell which.
   */
  outcomeOf?: (response: T) => 'done' | 'refused' | 'unknown';
}

/** Changes of one kind by the GraphQL API, which go out as one document. */
export interface MutationDocument<T> {
  operation: string;
  /** Name of the mutation: `labelCreate`. */
  mutation: string;
  /** Type of its argument `input`: `LabelCreateInput`. */
  inputType: string;
  /** What is asked of each payload besides its errors: `label { id }`. */
  selection: string;
  /** That part of a payload. */
  schema: z.ZodMiniType<T>;
  /** GitLab runs them in this order, each in a transaction of its own. */
  items: readonly { input: Record<string, unknown>; change: Change }[];
}
