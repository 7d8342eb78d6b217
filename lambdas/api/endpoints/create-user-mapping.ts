import { hostOf } from '../../domain/user-mapping.ts';
import { environment } from '../../platform/environment.ts';
import { takeIds } from '../../store/counters.ts';
import { countRequest } from '../../store/rate-windows.ts';
import { createUserMapping } from '../../store/user-mappings.ts';
import { tooManyRequests } from '../answers/http-errors.ts';
import { respond } from '../answers/respond.ts';
import { userMappingSchema } from '../answers/user-mapping-schema.ts';
import { ownerOf } from '../request/records.ts';
import { parseUserMapping } from '../request/user-mapping-parameters.ts';
import { endpoint, WRITE } from './endpoint.ts';

/** `POST /bulk_imports/user_mappings`: keeps who the users of a source are at the destination. */
export const handler = endpoint(WRITE, async event => {
  const owner = ownerOf(event.caller);
  const { sourceHost, users } = await parseUserMapping(event.input);
  if (!(await countRequest(owner, environment.importsPerMinute()))) throw tooManyRequests();
  const id = await takeIds('USER_MAPPING');
  const mapping = await createUserMapping({ ...owner, id, sourceHost }, users);
  const { rows, assigned, nobody, empty, createdAt } = mapping;
  const counts = { rows, assigned, nobody, empty };
  const presented = { id, source_hostname: hostOf(sourceHost), ...counts, created_at: createdAt };
  return respond(201, userMappingSchema.parse(presented));
});
