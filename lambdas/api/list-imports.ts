import { STATUSES } from '../shared/statuses.ts';
import { getImports, listImportIds } from '../store/imports.ts';
import { endpoint, READ } from './endpoint.ts';
import { respond } from './http.ts';
import { paginate, paginationShape, walkLimit } from './pagination.ts';
import { oneOf, optional, parseParameters } from './parameters.ts';
import { presentImport } from './presenters.ts';

const shape = {
  ...paginationShape,
  sort: optional(oneOf(['asc', 'desc'])),
  status: optional(oneOf(STATUSES)),
};

/** `GET /bulk_imports`: the caller's imports, newest first. */
export const handler = endpoint(READ, async event => {
  const { sort, status, ...pages } = parseParameters(shape, event.input);
  const ids = await listImportIds(event.caller.id, {
    status,
    descending: sort !== 'asc',
    limit: walkLimit(pages),
  });
  const { page, headers } = paginate(ids, pages, event);
  return respond(200, (await getImports(page)).map(presentImport), headers);
});
