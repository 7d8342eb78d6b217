import { LIST_INDEX, STATUS_INDEX } from './keys.ts';

/**
 * The table's keys and indexes as `CreateTable` wants them. The deployment and the local runtime both make the table
 * from this. Both indexes are sparse (only imports and entities carry their attributes) and keys-only.
 */
export const tableDefinition = {
  AttributeDefinitions: ['pk', 'sk', LIST_INDEX.pk, LIST_INDEX.sk, STATUS_INDEX.pk, STATUS_INDEX.sk].map(
    name => ({ AttributeName: name, AttributeType: 'S' as const }),
  ),
  KeySchema: keySchema('pk', 'sk'),
  GlobalSecondaryIndexes: [LIST_INDEX, STATUS_INDEX].map(index => ({
    IndexName: index.name,
    KeySchema: keySchema(index.pk, index.sk),
    Projection: { ProjectionType: 'KEYS_ONLY' as const },
  })),
  BillingMode: 'PAY_PER_REQUEST' as const,
};

function keySchema(pk: string, sk: string) {
  return [
    { AttributeName: pk, KeyType: 'HASH' as const },
    { AttributeName: sk, KeyType: 'RANGE' as const },
  ];
}
