import * as z from 'zod/mini';
import { bulkImportSchema, entitySchema, failureSchema } from '../answers/record-schemas.ts';
import { failurePagesShape } from '../request/failure-parameters.ts';
import { idempotencyKeySchema } from '../request/idempotency-key-schema.ts';
import { listShape } from '../request/list-parameters.ts';
import type { Shape } from '../request/parameters.ts';
import type { ResponseName } from './responses.ts';
import { type JsonSchema, NEW_IMPORT } from './schemas.ts';

/** What the OpenAPI document says about a route, besides its path and its method. */
export interface Operation {
  summary: string;
  description?: string;
  query?: Shape;
  /** Headers that it understands, besides those of all requests. */
  headers?: Record<string, z.ZodMiniType>;
  /** What its body has to be. */
  body?: JsonSchema;
  status: 200 | 201;
  schema: z.ZodMiniType;
  /** Whether it answers with pages of records, and so with headers about them. */
  isList?: true;
  /** Whether no token is needed. */
  isPublic?: true;
  errors: readonly ResponseName[];
}

const SERVICE: ResponseName[] = ['Throttled', 'InternalError'];
const READ: ResponseName[] = [...SERVICE, 'BadRequest', 'Unauthorized', 'InsufficientScope', 'Unavailable'];
const READ_ONE: ResponseName[] = [...READ, 'RecordNotFound'];
const BODY: ResponseName[] = ['BadRequest', 'TooLarge', 'UnsupportedMediaType'];

/** By the name of the handler in the route table. */
export const OPERATIONS: Record<string, Operation> = {
  'create-import': {
    summary: 'Start an import',
    description:
      'Checks source and destination, and starts only if nothing stands against it. In forms, arrays are written as `entities[][source_type]` or `entities[0][source_type]`.',
    headers: { 'Idempotency-Key': idempotencyKeySchema },
    body: NEW_IMPORT,
    status: 201,
    schema: bulkImportSchema,
    errors: [
      ...BODY,
      'Unauthorized',
      'InsufficientScope',
      'Unprocessable',
      'TooManyImports',
      'InternalError',
      'Unavailable',
    ],
  },
  'list-imports': {
    summary: "List the caller's imports",
    description: 'Newest first unless `sort` says otherwise.',
    query: listShape,
    status: 200,
    schema: z.array(bulkImportSchema),
    isList: true,
    errors: READ,
  },
  'list-user-entities': {
    summary: "List the entities of all of the caller's imports",
    description: 'Newest first unless `sort` says otherwise.',
    query: listShape,
    status: 200,
    schema: z.array(entitySchema),
    isList: true,
    errors: READ,
  },
  'get-import': { summary: 'Show an import', status: 200, schema: bulkImportSchema, errors: READ_ONE },
  'list-entities': {
    summary: 'List the entities of an import',
    description: 'Oldest first unless `sort` says otherwise.',
    query: listShape,
    status: 200,
    schema: z.array(entitySchema),
    isList: true,
    errors: READ_ONE,
  },
  'get-entity': {
    summary: 'Show an entity with its failures and counts',
    status: 200,
    schema: entitySchema,
    errors: READ_ONE,
  },
  'list-failures': {
    summary: 'List why records of an entity were not migrated',
    description:
      'By pipeline, in the order in which they run. While an entity runs, failures can come in between.',
    query: failurePagesShape,
    status: 200,
    schema: z.array(failureSchema),
    isList: true,
    errors: READ_ONE,
  },
  'cancel-import': {
    summary: 'Cancel an import',
    description:
      'For its owner and for administrators, in whatever state the import is. It is final; doing it again is no error. No body is needed.',
    status: 200,
    schema: bulkImportSchema,
    errors: [...SERVICE, ...BODY, 'Unauthorized', 'Forbidden', 'NotFound', 'Unavailable'],
  },
  'get-openapi': {
    summary: 'Show this document',
    status: 200,
    schema: z.looseObject({ openapi: z.string() }),
    isPublic: true,
    errors: SERVICE,
  },
};
