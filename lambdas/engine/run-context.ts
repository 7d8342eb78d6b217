import { onlyLooks } from '../domain/kinds.ts';
import { TokenUseError } from '../domain/token-sealer.ts';
import { pipelineClients, type RunClients } from '../gitlab/connections.ts';
import type { Requests } from '../store/entity-runs.ts';
import { hasImportEnded, type Import } from '../store/imports.ts';
import type { Item } from '../store/item.ts';
import { rateLimits } from '../store/rate-limits.ts';
import { openTokens, TokensErasedError } from '../store/sealed-tokens.ts';
import type { AuditTrail } from './audit-trail.ts';
import { closeImport, type Reason } from './end-import.ts';
import type { EntityRun } from './entity-run.ts';
import { observeRequest } from './load-watch.ts';
import { recordFailure } from './record-failures.ts';
import type { PipelineContext, StagedEntry } from './relation.ts';
import { withReplicaLag } from './replica-lag.ts';

const TOKENS_FOR_OTHERS: Reason = {
  exceptionClass: 'BulkImports::TokenUseError',
  message:
    'The tokens of this import cannot be opened for the GitLabs that it names: its record, or the key, was changed after it was created. Nothing was sent. Find out who writes to the table, revoke both tokens, and start a new import.',
};

const TOKENS_EXPIRED: Reason = {
  exceptionClass: 'BulkImports::TokensExpiredError',
  message:
    'The tokens of this import were kept for 15 days, and are erased since. What was moved before is kept; start a new import for what is missing.',
};

/** The clients of a run, with how many requests they have sent by now. */
export interface CountedClients extends RunClients {
  readonly sent: Requests;
}

/**
 * The clients of both GitLabs for one run; `undefined` when the import was ended meanwhile, or is ended now because its
 * tokens are not for its GitLabs. Whoever has them closes them.
 *
 * @param deadline moment (epoch ms) after which no request is begun
 */
export async function openClients(
  bulkImport: Import,
  sealed: Item | undefined,
  deadline: number,
): Promise<CountedClients | undefined> {
  try {
    const urls = { source: bulkImport.sourceUrl, destination: bulkImport.destinationUrl };
    const sent = { source: 0, destination: 0 };
    const clients = pipelineClients(bulkImport, await openTokens(bulkImport, sealed), deadline, {
      rateLimits,
      isClosed: onlyLooks(bulkImport),
      observe(instance, status, milliseconds) {
        sent[instance] += 1;
        observeRequest(urls[instance], status, milliseconds);
      },
    });
    return { ...clients, sent };
  } catch (error) {
    if (error instanceof TokenUseError) await closeImport(bulkImport, 'failed', TOKENS_FOR_OTHERS);
    else if (!(error instanceof TokensErasedError)) throw error;
    else if (error.isExpired) await closeImport(bulkImport, 'failed', TOKENS_EXPIRED);
    // Ended just now, or between the two reads: the tokens go first.
    if (await hasImportEnded(bulkImport.id)) return undefined;
    throw error;
  }
}

/** What a relation can use in a run. */
export function contextOf(
  run: EntityRun,
  relation: StagedEntry,
  { source, destination }: Pick<RunClients, 'source' | 'destination'>,
  trail: AuditTrail,
  { deadline, document }: Pick<PipelineContext, 'deadline' | 'document'>,
): PipelineContext {
  const { bulkImport, entity } = run;
  return withReplicaLag({
    bulkImport,
    entity,
    source,
    destination: destination.logged(trail.logOf(relation, run.tracker(relation).run)),
    audit: trail.auditOf(relation),
    ...(document !== undefined && { document }),
    target() {
      const kind = entity.sourceType === 'project_entity' ? 'project' : 'group';
      const id = kind === 'project' ? entity.projectId : entity.namespaceId;
      if (id === null) throw new Error(`The ${kind} does not exist at the destination yet.`);
      return { kind, id };
    },
    state: {
      get: () => run.tracker(relation).state ?? {},
      set(state) {
        run.tracker(relation).state = state;
        run.change(relation);
      },
    },
    isFirstTry: run.isFirst,
    isClosed: onlyLooks(bulkImport),
    isFresh: run.hasMadeGroup,
    deadline,
    reopen: name => run.reopen(name),
    noteOnEntity: note => run.note(note),
    save: () => run.save(),
    recordFailure: (step, name, error) =>
      recordFailure(relation, { bulkImport, entity, fence: () => run.save() }, step, name, error),
  });
}
