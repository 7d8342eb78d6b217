import { type Entity, entityFromItem } from './entity.ts';
import { type Import, importFromItem } from './imports.ts';
import type { Item } from './item.ts';
import { keys } from './keys.ts';
import { getItems } from './table.ts';

/** What a run begins with. */
export interface RunItems {
  bulkImport: Import;
  entity: Entity;
  /** The sealed tokens as they are stored, for `openTokens`; `undefined` when they have expired. */
  sealedTokens: Item | undefined;
}

/** Reads an import, one of its entities and its sealed tokens in one request. @throws when one of the first two is not there */
export async function readRun(importId: number, entityId: number): Promise<RunItems> {
  const wanted = [keys.import(importId), keys.entity(importId, entityId), keys.secret(importId)] as const;
  const items = await getItems([...wanted]);
  const [bulkImport, entity, sealedTokens] = wanted.map(({ sk }) => items.find(item => item.sk === sk));
  if (bulkImport === undefined) throw new Error(`Import ${importId} does not exist.`);
  if (entity === undefined) throw new Error(`Entity ${entityId} of import ${importId} does not exist.`);
  return { bulkImport: importFromItem(bulkImport), entity: entityFromItem(entity), sealedTokens };
}
