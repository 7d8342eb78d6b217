import {
  type DocumentNode,
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** Also what a connection counts as when the query names no size. */
const PAGE_SIZE = 100;

/**
 * What GitLab takes a query to cost: 1 for each field and what is below it; of a connection, that which is below it
 * once more for 100 records, in proportion for fewer. GitLab's own count is of this kind and has further surcharges.
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
    const below = ofSelections(field.selectionSet);
    return Math.floor(1 + below * (isConnection(field) ? 1 + pageSize(field, variables) / 100 : 1));
  };
  return ofSelections(operation.selectionSet);
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
