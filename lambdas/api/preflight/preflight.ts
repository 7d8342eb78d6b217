import { destinationClient, sourceClient } from '../../gitlab/connections.ts';
import { TokenRejectedError } from '../../gitlab/errors.ts';
import type { Caller } from '../request/api-event.ts';
import { refuseCaller } from '../request/authenticate.ts';
import type { CreateImportParameters, RequestedEntity } from '../request/create-import-parameters.ts';
import { checkDistinct, checkFree } from './destination-paths.ts';
import { asUnprocessable } from './errors.ts';
import { checkOutsideOfSource } from './into-itself.ts';
import { checkNamespaces } from './namespaces.ts';
import { checkProjects } from './projects.ts';
import { checkTwoFactor, findSources } from './source-entities.ts';
import { checkInstance, checkSettings } from './source-instance.ts';

/** An entity that nothing stands against. */
export interface CheckedEntity extends RequestedEntity {
  /** Numeric id at the source. */
  sourceId: number;
}

/** What the checks found out and the import needs. */
export interface Checked {
  sourceVersion: string;
  /** In the order in which they were asked for. */
  entities: CheckedEntity[];
}

/**
 * Checks a new import against both GitLabs before anything is written: the source's version, the token, each entity
 * at the source, each destination, and whether either GitLab moves projects at all. The first problem in GitLab's order
 * is the response. However many entities there are, it takes few requests: a document looks up fifty of them.
 *
 * @param deadline moment (epoch ms) after which no GitLab is asked
 * @throws HttpError 422 with GitLab's message, 401 when the caller's token is not accepted any more
 */
export async function preflight(
  wanted: CreateImportParameters,
  caller: Caller,
  deadline: number,
): Promise<Checked> {
  const { entities } = wanted;
  checkSettings(wanted);
  const source = sourceClient(wanted.url, wanted.accessToken, deadline);
  const destination = destinationClient(caller.token, deadline);
  try {
    const instance = await checkInstance(source);
    const found = await findSources(source, instance, entities);
    checkDistinct(entities);
    const namespaces = await checkNamespaces(destination, entities, caller);
    await checkFree(destination, entities, namespaces, deadline, caller);
    await checkOutsideOfSource({ source, destination }, found, namespaces);
    checkTwoFactor(found, caller);
    await checkProjects(wanted, found, namespaces, caller, deadline);
    return {
      sourceVersion: instance.version,
      entities: found.map(({ source: { id }, ...entity }) => ({ ...entity, sourceId: id })),
    };
  } catch (error) {
    if (error instanceof TokenRejectedError && error.instance === 'destination') {
      throw await refuseCaller(caller, deadline);
    }
    throw asUnprocessable(error);
  }
}
