import { getImports, listImportIds } from '../../store/imports.ts';
import { presentImport } from '../answers/presenters.ts';
import { respond } from '../answers/respond.ts';
import { listShape } from '../request/list-parameters.ts';
import { paginate, walkLimit } from '../request/pagination.ts';
import { parseParameters } from '../request/parameters.ts';
import { ofStatus, ownedBy, ownerOf } from '../request/records.ts';
import { endpoint, READ } from './endpoint.ts';

/** `GET /bulk_imports`: the caller's imports, newest first. */
export const handler = endpoint(READ, async event => {
  const { sort, status, ...pages } = parseParameters(listShape, event.input);
  const owner = ownerOf(event.caller);
  const ids = await listImportIds(owner, {
    status,
    descending: sort !== 'asc',
    limit: walkLimit(pages),
  });
  const { page, headers } = paginate(ids, pages, event);
  const imports = ofStatus(status, ownedBy(owner, await getImports(page)));
  return respond(200, imports.map(presentImport), headers);
});
