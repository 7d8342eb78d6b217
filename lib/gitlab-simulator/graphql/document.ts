import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import { complexityOf } from './complexity.ts';
import { RULES } from './validation-rules.ts';

/** A document that fits the schema, or all that is wrong with it. */
type Checked = { readonly document: DocumentNode } | { readonly errors: readonly GraphQLError[] };

/** Clients send the same few documents again and again. */
const MAXIMUM_KEPT = 500;
const kept = new WeakMap<GraphQLSchema, Map<string, Checked>>();

/** Parses a document and holds it against the schema. */
export function checkDocument(schema: GraphQLSchema, source: string): Checked {
  let documents = kept.get(schema);
  if (!documents || documents.size > MAXIMUM_KEPT) {
    documents = new Map();
    kept.set(schema, documents);
  }
  let checked = documents.get(source);
  if (!checked) {
    checked = check(schema, source);
    documents.set(source, checked);
  }
  return checked;
}

/** What is wrong with an operation for this caller and these variables, in GitLab's words. */
export function operationErrors(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Record<string, unknown>,
  maximumComplexity: number,
): readonly GraphQLError[] {
  const coerced = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
  if (coerced.errors) return coerced.errors;
  const complexity = complexityOf(document, operation, variables);
  if (complexity <= maximumComplexity) return [];
  return [
    new GraphQLError(
      `Query has complexity of ${complexity}, which exceeds max complexity of ${maximumComplexity}`,
    ),
  ];
}

/** Variables that the operation does not declare; GraphQL ignores them. */
export function unknownVariables(
  operation: OperationDefinitionNode,
  variables: Record<string, unknown>,
): string[] {
  const declared = new Set(operation.variableDefinitions?.map(({ variable }) => variable.name.value));
  return Object.keys(variables).filter(name => !declared.has(name));
}

/** The operation to run, or undefined when there is none of that name. */
export function operationOf(
  document: DocumentNode,
  name: string | null,
): OperationDefinitionNode | undefined {
  return getOperationAST(document, name) ?? undefined;
}

function check(schema: GraphQLSchema, source: string): Checked {
  let document: DocumentNode;
  try {
    document = parse(source);
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [error] };
    throw error;
  }
  const errors = validate(schema, document, RULES);
  return errors.length > 0 ? { errors } : { document };
}
