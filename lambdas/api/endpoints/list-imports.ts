import { getImports, type Import, listImportIds } from '../../store/imports.ts';
import { countListed } from '../../store/list-totals.ts';
import { presentImports } from '../answers/present-imports.ts';
import { respond } from '../answers/respond.ts';
import { listShape } from '../request/list-parameters.ts';
import { pageHeaders, readPage } from '../request/pagination.ts';
import { parseParameters } from '../request/parameters.ts';
import { type KindInPaths, ofStatus, ownedBy, ownerOf } from '../request/records.ts';
import { endpoint, READ } from './endpoint.ts';

/** `GET /bulk_imports`: the caller's imports, newest first. */
export const handler = listOf('import', presentImports);

/** The list of the caller's imports of a kind, as they are presented. */
export function listOf(kind: KindInPaths, present: (records: Import[]) => unknown[] | Promise<unknown[]>) {
  return endpoint(READ, async event => {
    const { sort, status, ...pages } = parseParameters(listShape, event.input);
    const owner = { ...ownerOf(event.caller), kind };
    const descending = sort !== 'asc';
    const { page, known } = await readPage(pages, {
      first: limit => listImportIds(owner, { status, descending, limit }),
      count: () => countListed(owner, 'IMPORTS', status),
    });
    const imports = ofStatus(status, ownedBy(owner, await getImports(page)));
    return respond(200, await present(imports), pageHeaders(known, pages, event));
  });
}
