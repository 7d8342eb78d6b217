import { getImports, listImportIds } from '../store/imports.ts';
import { endpoint, READ } from './endpoint.ts';
import { respond } from './http.ts';
import { listShape } from './list-parameters.ts';
import { paginate, walkLimit } from './pagination.ts';
import { parseParameters } from './parameters.ts';
import { presentImport } from './presenters.ts';
import { ownerOf } from './records.ts';

/** `GET /bulk_imports`: the caller's imports, newest first. */
export const handler = endpoint(READ, async event => {
  const { sort, status, ...pages } = parseParameters(listShape, event.input);
  const ids = await listImportIds(ownerOf(event.caller), {
    status,
    descending: sort !== 'asc',
    limit: walkLimit(pages),
  });
  const { page, headers } = paginate(ids, pages, event);
  return respond(200, (await getImports(page)).map(presentImport), headers);
});
