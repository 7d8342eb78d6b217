import * as z from 'zod/mini';
import { auditEventSchema } from '../answers/audit-event-schema.ts';
import * as errors from '../answers/error-schemas.ts';
import { planSchema } from '../answers/plan-schema.ts';
import { planEntitySchema } from '../answers/present-plan-entities.ts';
import { verifiedEntitySchema } from '../answers/present-verified-entities.ts';
import { bulkImportSchema, entitySchema, failureSchema } from '../answers/record-schemas.ts';
import { verificationSchema } from '../answers/verification-schema.ts';
import { configurationShape, entityShape, ownShape } from '../request/create-import-parameters.ts';
import type { Shape } from '../request/parameters.ts';
import { retryShape, sourceTokenShape } from '../request/retry-parameters.ts';
import { mappedUserShape, sourceHostShape } from '../request/user-mapping-parameters.ts';
import { verificationShape } from '../request/verification-parameters.ts';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Schemas that the document names; others stand where they are used. */
const NAMED = new Map<unknown, string>([
  [bulkImportSchema, 'Import'],
  [entitySchema, 'Entity'],
  [failureSchema, 'Failure'],
  [auditEventSchema, 'AuditEvent'],
  [planSchema, 'Plan'],
  [planEntitySchema, 'PlanEntity'],
  [verificationSchema, 'Verification'],
  [verifiedEntitySchema, 'VerifiedEntity'],
  [errors.problemsSchema, 'Problems'],
  [errors.messageSchema, 'Message'],
  [errors.insufficientScopeSchema, 'InsufficientScope'],
]);

/** A schema of the code as a JSON Schema, in which named ones are references. */
export function jsonSchema(schema: z.ZodMiniType): JsonSchema {
  const name = NAMED.get(schema);
  return name === undefined ? definitionOf(schema) : reference(name);
}

function definitionOf(schema: z.ZodMiniType): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io: 'output',
    override: ({ zodSchema, jsonSchema: made, path }) => {
      const inner = path.length === 0 ? undefined : NAMED.get(zodSchema);
      if (inner !== undefined) replace(made, reference(inner));
      // Its own pattern is one long line about leap years.
      if (made.format === 'date-time') made.pattern = '\\.\\d{3}Z$';
      // What every integer of JavaScript is says nothing about this one.
      if (made.minimum === Number.MIN_SAFE_INTEGER) delete made.minimum;
      if (made.maximum === Number.MAX_SAFE_INTEGER) delete made.maximum;
    },
  });
  return json;
}

const reference = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

function replace(target: JsonSchema, content: JsonSchema): void {
  for (const key of Object.keys(target)) delete target[key];
  Object.assign(target, content);
}

/** The definitions of all named schemas. */
export function namedSchemas(): Record<string, JsonSchema> {
  return {
    ...Object.fromEntries([...NAMED].map(([schema, name]) => [name, definitionOf(schema as z.ZodMiniType)])),
    NewImport: {
      type: 'object',
      properties: {
        configuration: reference('Configuration'),
        entities: { type: 'array', minItems: 1, items: reference('NewEntity') },
        ...objectOf(ownShape).properties,
      },
      required: ['configuration', 'entities'],
    },
    Retry: {
      ...objectOf(retryShape),
      properties: { configuration: reference('SourceToken'), ...objectOf(retryShape).properties },
      required: ['configuration'],
    },
    SourceToken: objectOf(sourceTokenShape),
    NewVerification: {
      type: 'object',
      properties: { configuration: objectOf(verificationShape) },
      required: ['configuration'],
    },
    Configuration: objectOf(configurationShape),
    NewEntity: {
      ...objectOf(entityShape),
      oneOf: [{ required: ['destination_slug'] }, { required: ['destination_name'] }],
    },
  };
}

/** The body of a new user mapping: a file, or its users one by one. */
export const NEW_USER_MAPPING: JsonSchema = {
  oneOf: [
    {
      type: 'object',
      properties: {
        file: {
          type: 'string',
          contentMediaType: 'text/csv',
          description: "GitLab's CSV for the reassignment of placeholder users, as a part of a form.",
        },
      },
      required: ['file'],
    },
    {
      type: 'object',
      properties: {
        ...objectOf(sourceHostShape).properties,
        users: { type: 'array', minItems: 1, items: objectOf(mappedUserShape) },
      },
      required: ['source_hostname', 'users'],
    },
  ],
};

/** The body of a new import, and of a verification of one. */
export const NEW_IMPORT = reference('NewImport');
export const NEW_VERIFICATION = reference('NewVerification');

/** The body of a retry. */
export const RETRY = reference('Retry');

/** A parameter's schema with its default, and whether it must be there: what the schema itself does without a value. */
export function parameterSchema(schema: Shape[string]): { schema: JsonSchema; required: boolean } {
  const absent = schema.safeParse(undefined);
  const otherwise = absent.success && absent.data !== undefined ? { default: absent.data } : {};
  return { schema: { ...jsonSchema(schema), ...otherwise } as JsonSchema, required: !absent.success };
}

/** Parameters as an object. Others than these are ignored, so they are allowed. */
function objectOf(shape: Shape): JsonSchema {
  const parameters = Object.entries(shape).map(([name, schema]) => ({ name, ...parameterSchema(schema) }));
  return {
    type: 'object',
    properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
    required: parameters.filter(({ required }) => required).map(({ name }) => name),
  };
}
