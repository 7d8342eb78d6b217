import { listPlanUsers } from '../../store/plan-users.ts';
import { listMappedUsers } from '../../store/user-mappings.ts';
import { mappingOfPlan } from '../answers/plan-users.ts';
import { respondFile } from '../answers/respond.ts';
import { MOST_BYTES } from '../answers/response-size.ts';
import { userMappingCsv } from '../answers/user-mapping-csv.ts';
import { ownImport } from '../request/records.ts';
import { endpoint, READ } from './endpoint.ts';

/** `GET /bulk_imports/plans/:plan_id/users`: whom the plan has met, as a user mapping to be filled in. */
export const handler = endpoint(READ, async event => {
  const { id, sourceUrl, userMappingId } = await ownImport(event, 'plan');
  const decided = userMappingId === undefined ? [] : await listMappedUsers({ id: userMappingId });
  const users = mappingOfPlan(await listPlanUsers(id), decided);
  return respondFile('text/csv', `plan-${id}-users.csv`, userMappingCsv(sourceUrl, users, MOST_BYTES));
});
