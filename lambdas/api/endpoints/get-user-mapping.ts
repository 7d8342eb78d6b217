import { listMappedUsers } from '../../store/user-mappings.ts';
import { respondFile } from '../answers/respond.ts';
import { userMappingCsv } from '../answers/user-mapping-csv.ts';
import { idFromPath, ownerOf } from '../request/records.ts';
import { ownUserMapping } from '../request/user-mapping-of.ts';
import { endpoint, READ } from './endpoint.ts';

/** `GET /bulk_imports/user_mappings/:id`: the mapping as GitLab's own CSV. */
export const handler = endpoint(READ, async event => {
  const mapping = await ownUserMapping(ownerOf(event.caller), idFromPath(event, 'mapping_id'));
  const csv = userMappingCsv(mapping.sourceHost, await listMappedUsers(mapping));
  return respondFile('text/csv', `user-mapping-${mapping.id}.csv`, csv);
});
