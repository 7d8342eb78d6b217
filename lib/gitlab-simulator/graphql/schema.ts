import {
  buildASTSchema,
  type ConstDirectiveNode,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  parse,
  visit,
} from 'graphql';
import type { Availability } from '../declarations/declaration.ts';
import { has, type Release } from '../versions.ts';
import { SCHEMA_DEFINITION } from './schema-definition.ts';

interface Versioned {
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
}

const schemas = new Map<string, GraphQLSchema>();
let definition: DocumentNode | undefined;

/** The schema of a release, built once. */
export function schemaOf(release: Release): GraphQLSchema {
  let schema = schemas.get(release.version);
  if (!schema) {
    definition ??= parse(SCHEMA_DEFINITION);
    schema = buildASTSchema(without(definition, release));
    schemas.set(release.version, schema);
  }
  return schema;
}

/** Takes out what a release does not have. */
function without(document: DocumentNode, release: Release): DocumentNode {
  const check = (node: Versioned) => (has(release, availabilityOf(node)) ? undefined : null);
  return visit(document, {
    ObjectTypeDefinition: { enter: check },
    FieldDefinition: { enter: check },
    InputValueDefinition: { enter: check },
    EnumValueDefinition: { enter: check },
  });
}

/** The versions and the edition that a node names for itself. */
export function availabilityOf({ directives = [] }: Versioned): Availability {
  return Object.fromEntries(
    directives.flatMap(({ name, arguments: [argument] = [] }) =>
      argument?.value.kind === Kind.STRING ? [[name.value, argument.value.value]] : [],
    ),
  );
}
