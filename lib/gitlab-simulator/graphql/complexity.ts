import {
  type DocumentNode,
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql';

/** Also what a connection counts as when the query names no size. */
const PAGE_SIZE = 100;

/** Fields for which GitLab declares more than the 1 of all others. */
const DEAR_FIELDS = new Map([['descendantGroups', 5]]);

/**
 * What GitLab takes a document to cost: 1 for each field and what is below it; of a connection, all of that once more
 * for 100 records, in proportion for fewer; a mutation only what is asked of its payload. GitLab's own count is of this
 * kind (`Types::BaseField`), with surcharges for searching and sorting, and differs between versions.
 */
export function complexityOf(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Record<string, unknown>,
): number {
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      fragments.set(definition.name.value, definition.selectionSet);
    }
  }
  const ofSelections = (set: SelectionSetNode | undefined): number =>
    (set?.selections ?? []).reduce((sum, selection) => {
      if (selection.kind === Kind.FIELD) return sum + ofField(selection);
      if (selection.kind === Kind.INLINE_FRAGMENT) return sum + ofSelections(selection.selectionSet);
      return sum + ofSelections(fragments.get(selection.name.value));
    }, 0);
  const ofField = (field: FieldNode): number => {
    const all = (DEAR_FIELDS.get(field.name.value) ?? 1) + ofSelections(field.selectionSet);
    return isConnection(field) ? Math.floor(all * (1 + pageSize(field, variables) / 100)) : all;
  };
  const total = ofSelections(operation.selectionSet);
  const isMutation = operation.operation === OperationTypeNode.MUTATION;
  return isMutation ? total - operation.selectionSet.selections.length : total;
}

/** By its own fields: a connection alone has them. */
function isConnection({ selectionSet }: FieldNode): boolean {
  return (selectionSet?.selections ?? []).some(
    selection => selection.kind === Kind.FIELD && ['nodes', 'edges'].includes(selection.name.value),
  );
}

function pageSize(field: FieldNode, variables: Record<string, unknown>): number {
  const argument = field.arguments?.find(({ name }) => name.value === 'first')?.value;
  if (argument?.kind === Kind.INT) return Math.min(Number(argument.value), PAGE_SIZE);
  const value = argument?.kind === Kind.VARIABLE ? variables[argument.name.value] : undefined;
  return typeof value === 'number' ? Math.min(value, PAGE_SIZE) : PAGE_SIZE;
}
