import type { ApiAnswer } from '../answer.ts';
import { PROJECT_LEFT_OUT } from '../declarations/project-left-out.ts';
import { ACCESS_LEVELS, type AccessLevel } from '../model.ts';
import { paginated } from '../pagination.ts';
import { requireRole } from '../permissions.ts';
import type { SampleLeftOut } from '../project-model.ts';
import { type CallOf, type Route, route } from '../route.ts';
import { projectOf } from './project-of.ts';

const { reporter, developer, maintainer } = ACCESS_LEVELS;

/** Lists of what no archive carries: who may see them, and what they are called in each. */
export const PROJECT_LEFT_OUT_ROUTES: readonly Route[] = [
  route(PROJECT_LEFT_OUT.deployKeys, call => listed(call, 'deployKeys', maintainer, 'title')),
  route(PROJECT_LEFT_OUT.environments, call => listed(call, 'environments', reporter, 'name')),
  route(PROJECT_LEFT_OUT.featureFlags, call => listed(call, 'featureFlags', developer, 'name')),
  route(PROJECT_LEFT_OUT.containerRepositories, call =>
    listed(call, 'containerRepositories', reporter, 'name'),
  ),
  route(PROJECT_LEFT_OUT.packages, call => listed(call, 'packages', reporter, 'name')),
];

function listed(
  call: CallOf<typeof PROJECT_LEFT_OUT.deployKeys>,
  kind: keyof SampleLeftOut,
  least: AccessLevel,
  nameField: 'name' | 'title',
): ApiAnswer {
  const { project } = projectOf(call);
  requireRole(call.instance, call.currentUser, project, least);
  const records = project.leftOut[kind].map((name, index) => ({ id: index + 1, [nameField]: name }));
  return paginated(call, records, record => record);
}
