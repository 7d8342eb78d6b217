import { exportStatus } from '../../gitlab/api/project-exports.ts';
import { probeImports } from '../../gitlab/api/project-imports.ts';
import { pacedDestinationClient, sourceClient } from '../../gitlab/connections.ts';
import { TokenRejectedError } from '../../gitlab/errors.ts';
import { adviceOnExport, adviceOnImport, PROJECT_ADVICE } from '../../gitlab/project-refusals.ts';
import { rateLimits } from '../../store/rate-limits.ts';
import { unprocessable } from '../answers/http-errors.ts';
import type { Caller } from '../request/api-event.ts';
import type { CreateImportParameters } from '../request/create-import-parameters.ts';
import type { Namespaces } from './namespaces.ts';
import type { SourceEntity } from './source-entities.ts';

/** One look at each GitLab takes no longer; what it would have said, the first stages of the projects say later. */
const LOOK_MS = 3_000;

/**
 * Checks that the two GitLabs move projects at all, for requests that name some. It is asked for the first of them,
 * since the settings are those of a whole GitLab; the roles have been checked for each. The source is asked about an
 * export, the destination for an import that it cannot begin: that costs one of the six imports that GitLab allows a
 * user in a minute, and is left out when it is not our turn. When a GitLab is too slow or fails, it is gone on without.
 *
 * @throws HttpError 422 with what an administrator has to do
 */
export async function checkProjects(
  { url, accessToken }: CreateImportParameters,
  entities: readonly SourceEntity[],
  namespaces: Namespaces,
  caller: Caller,
  deadline: number,
): Promise<void> {
  const first = entities.find(({ sourceType }) => sourceType === 'project_entity');
  const namespace = namespaces.get(first?.destinationNamespace ?? '');
  if (first === undefined || namespace === undefined) return;
  if (caller.isBot) throw unprocessable(PROJECT_ADVICE.bot);
  const soon = () => Math.min(deadline, Date.now() + LOOK_MS);
  const source = sourceClient(url, accessToken, soon());
  await look(exportStatus(source, first.source.id), adviceOnExport);
  const destination = pacedDestinationClient(caller.token, soon(), rateLimits);
  await look(probeImports(destination, namespace.id), adviceOnImport);
}

/** @throws HttpError 422 for a refusal about which somebody has to do something */
async function look(request: Promise<unknown>, adviceOn: (error: unknown) => string | undefined) {
  try {
    await request;
  } catch (error) {
    if (error instanceof TokenRejectedError) throw error;
    const advice = adviceOn(error);
    if (advice !== undefined) throw unprocessable(advice);
  }
}
