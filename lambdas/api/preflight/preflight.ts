import type { Instance } from '../../domain/errors.ts';
import type { Secret } from '../../domain/secret.ts';
import type { GitLabClient } from '../../gitlab/client.ts';
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
import { OpenEntities } from './refused-entities.ts';
import { checkTwoFactor, findSources, type SourceEntity } from './source-entities.ts';
import { checkInstance, checkSettings, type SourceInstance } from './source-instance.ts';

/** An entity that nothing stands against. */
export interface CheckedEntity extends RequestedEntity {
  /** Numeric id at the source; 0 for one that a plan has not found there. */
  sourceId: number;
  /** What stands against it; only a plan has such. */
  blocker?: string;
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
  return ofBothGitLabs(wanted, caller, deadline, async (clients, instance) => {
    const { source, destination } = clients;
    const found = await findSources(source, instance, entities);
    checkDistinct(entities);
    const namespaces = await checkNamespaces(destination, entities, caller);
    await checkFree(destination, entities, namespaces, deadline, caller);
    await checkOutsideOfSource(clients, found, namespaces);
    checkTwoFactor(found, caller);
    await checkProjects(wanted, found, namespaces, caller, deadline);
    return found.map(({ source: { id }, ...entity }) => ({ ...entity, sourceId: id }));
  });
}

/**
 * The same for a plan, which is told what stands against each of its entities instead of being refused for the first,
 * and asks nothing that would count as a write: whether the destination takes projects is not tried.
 *
 * @throws HttpError 422 with GitLab's message for what is wrong with the source or its token
 */
export async function preflightOfPlan(
  wanted: CreateImportParameters,
  caller: Caller,
  deadline: number,
): Promise<Checked> {
  return ofBothGitLabs(wanted, caller, deadline, async (clients, instance) => {
    const requested = new OpenEntities(wanted.entities);
    const found = await requested.check(open => findSources(clients.source, instance, open));
    const known = new Map(requested.open.map((entity, index) => [entity, found[index] as SourceEntity]));
    const sources = new OpenEntities(found);
    await sources.check(checkDistinct);
    const namespaces = await sources.check(open => checkNamespaces(clients.destination, open, caller));
    await sources.check(open => checkFree(clients.destination, open, namespaces, deadline, caller));
    await sources.check(open => checkOutsideOfSource(clients, open, namespaces));
    await sources.check(open => checkTwoFactor(open, caller));
    return wanted.entities.map(entity => {
      const source = known.get(entity);
      const blocker = source === undefined ? requested.messageOf(entity) : sources.messageOf(source);
      return { ...entity, sourceId: source?.source.id ?? 0, ...(blocker !== undefined && { blocker }) };
    });
  });
}

/**
 * Checks the source of an import once more, for whoever only looks at it.
 *
 * @returns its version now
 * @throws HttpError 422 with GitLab's message for what is wrong with the source or its token
 */
export async function preflightOfSource(
  url: string,
  accessToken: Secret,
  caller: Caller,
  deadline: number,
): Promise<string> {
  const wanted = { url, accessToken, entities: [] };
  return (await ofBothGitLabs(wanted, caller, deadline, async () => [])).sourceVersion;
}

/** Checks the source itself, and then the entities at both GitLabs. */
async function ofBothGitLabs(
  wanted: CreateImportParameters,
  caller: Caller,
  deadline: number,
  check: (clients: Record<Instance, GitLabClient>, instance: SourceInstance) => Promise<CheckedEntity[]>,
): Promise<Checked> {
  checkSettings(wanted);
  const source = sourceClient(wanted.url, wanted.accessToken, deadline);
  const destination = destinationClient(caller.token, deadline);
  try {
    const instance = await checkInstance(source);
    return {
      sourceVersion: instance.version,
      entities: await check({ source, destination }, instance),
    };
  } catch (error) {
    if (error instanceof TokenRejectedError && error.instance === 'destination') {
      throw await refuseCaller(caller, deadline);
    }
    throw asUnprocessable(error);
  }
}
