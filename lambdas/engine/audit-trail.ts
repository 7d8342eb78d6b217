import { messageOf } from '../domain/errors.ts';
import type { Change, StatedWrite, WriteEnd, WriteLog, WriteResponse } from '../gitlab/write-gate.ts';
import { LogEvent, logger } from '../platform/logger.ts';
import {
  type AuditEvent,
  listOpenAuditEvents,
  putAuditEvents,
  settleAuditEvent,
} from '../store/audit-events.ts';
import type { Entity } from '../store/entity.ts';
import { SLOWEST_REQUEST_MS } from './late-effects.ts';
import type { RecordAudit, SentWrite, StagedEntry } from './relation.ts';

/**
 * The audit events of one run of an entity: one for each record that a request writes, put into the table before it is
 * sent and completed when it was answered. What a run knows nothing of any more, because it died or no answer came, stays
 * `sent` until the record is met again.
 */
export class AuditTrail {
  readonly #entity: Entity;
  readonly #attempt: number;
  /** Events of this entity that are `sent` and that nobody waits for any more, by relation. */
  readonly #open = new Map<string, AuditEvent[]>();
  /** Keys of the events of this run. */
  readonly #own = new Set<string>();
  /** What is known of writes, and not written down yet. */
  readonly #collected: AuditEvent[] = [];
  #collectingSince = 0;
  /** What is written down just now. */
  readonly #writing = new Set<Promise<void>>();
  /** Whether runs before this one may have left events open; they are read when somebody asks. */
  #mayHaveOthers: boolean;
  #reading: Promise<void> | undefined;
  #count = 0;

  /** @param mayHaveOthers whether runs before this one may have left writes of which they knew nothing any more */
  constructor(entity: Entity, attempt: number, mayHaveOthers: boolean) {
    this.#entity = entity;
    this.#attempt = attempt;
    this.#mayHaveOthers = mayHaveOthers;
  }

  /** Whether there may be writes of which nobody knows what became of them. */
  get isInDoubt(): boolean {
    return this.#mayHaveOthers || [...this.#open.values()].some(({ length }) => length > 0);
  }

  /** Where a relation's writes are written down. @param run that of the relation, where it runs apart */
  logOf(entry: StagedEntry, run: number): WriteLog {
    return { begin: write => this.#begin(entry, run, write) };
  }

  /** What a relation says of its records. */
  auditOf({ relation }: StagedEntry): RecordAudit {
    const trail = this;
    return {
      get isInDoubt() {
        return trail.#mayHaveOthers || (trail.#open.get(relation)?.length ?? 0) > 0;
      },
      found: isAbout => trail.#settle(relation, isAbout, 'found'),
    };
  }

  /** To be awaited at the end of a run: until then what became of the last writes may not be written down. */
  async settled(): Promise<void> {
    this.#putCollected();
    while (this.#writing.size > 0) await Promise.all(this.#writing);
  }

  async #begin(entry: StagedEntry, run: number, write: StatedWrite): ReturnType<WriteLog['begin']> {
    const events = write.changes.map((change, index) => this.#eventOf(entry, run, write, change, index));
    if (this.isInDoubt) await this.#giveUp(entry.relation, events);
    for (const { key } of events) this.#own.add(key);
    await putAuditEvents(events);
    return (ends, response) => this.#end(events, ends, response);
  }

  #eventOf(
    { name, relation }: StagedEntry,
    relationRun: number,
    { operation, method, path, attributes }: StatedWrite,
    change: Change,
    index: number,
  ): AuditEvent {
    const { id: entityId, importId, run } = this.#entity;
    const now = new Date();
    const count = String(this.#count++).padStart(COUNT_DIGITS, '0');
    return {
      importId,
      entityId,
      // No other run has this number, and none of this run but one that runs apart has this name.
      key: `${now.getTime()}-${run}-${name}-${relationRun}-${count}`,
      relation,
      attempt: this.#attempt,
      at: now.toISOString(),
      doneAt: null,
      operation,
      method,
      path,
      kind: change.kind,
      target: change.target,
      targetId: change.id ?? null,
      title: change.title,
      within: change.within ?? null,
      attributes: [...(change.kind === 'change' ? change.fields : (attributes[index] ?? []))],
      result: 'sent',
      status: null,
      requestId: null,
    };
  }

  /** Notes how writes have ended, and lets that be written down while the run goes on. */
  #end(events: AuditEvent[], ends: readonly WriteEnd[], response: WriteResponse | undefined): void {
    const doneAt = new Date().toISOString();
    const answer = { status: response?.status ?? null, requestId: response?.requestId ?? null };
    const ended = events.map((event, index) => {
      const { result, targetId = event.targetId } = ends[index] ?? {};
      return { ...event, ...answer, targetId, ...(result !== undefined && { result, doneAt }) };
    });
    const unknown = ended.filter(({ result }) => result === 'sent');
    for (const event of unknown) this.#open.set(event.relation, [...this.#openOf(event.relation), event]);
    // Whatever is there goes together, which no condition can be put on: a run that has taken over can have found it.
    const isThere = ({ result }: AuditEvent) => ['created', 'updated', 'deleted'].includes(result);
    this.#collect(ended.filter(isThere));
    const others = ended.filter(event => !isThere(event));
    this.#write(settleAll(response === undefined ? others.filter(({ doneAt }) => doneAt !== null) : others));
  }

  /** Collects results for one write. */
  #collect(events: AuditEvent[]): void {
    if (this.#collected.length === 0) this.#collectingSince = Date.now();
    this.#collected.push(...events);
    const isEnough = this.#collected.length >= EVENTS_AT_ONCE;
    if (isEnough || Date.now() - this.#collectingSince >= LONGEST_COLLECTION_MS) this.#putCollected();
  }

  #putCollected(): void {
    this.#write(putAuditEvents(this.#collected.splice(0)));
  }

  /**
   * Ends the doubt about what was sent before and is sent again now: it was looked for, and was not there. A run that was
   * taken for dead may still be answered, until when nothing is said of what it has sent.
   */
  async #giveUp(relation: string, events: AuditEvent[]): Promise<void> {
    await this.#readOthers();
    const isMeant = (other: SentWrite) => events.some(event => isSameRecord(event, other));
    const isLate = ({ key, at }: AuditEvent) =>
      this.#own.has(key) || Date.now() - Date.parse(at) > SLOWEST_REQUEST_MS;
    const open = this.#openOf(relation);
    this.#open.set(
      relation,
      open.filter(event => !isMeant(event) || isLate(event)),
    );
    await this.#settle(relation, isMeant, 'not_found');
  }

  /** Says of open events of a relation what became of them. */
  async #settle(
    relation: string,
    isMeant: (write: SentWrite) => boolean,
    result: 'found' | 'not_found',
  ): Promise<void> {
    await this.#readOthers();
    const open = this.#openOf(relation);
    const meant = open.filter(isMeant);
    if (meant.length === 0) return;
    this.#open.set(
      relation,
      open.filter(event => !meant.includes(event)),
    );
    const doneAt = new Date().toISOString();
    await settleAll(meant.map(event => ({ ...event, result, doneAt })));
  }

  async #readOthers(): Promise<void> {
    if (!this.#mayHaveOthers) return;
    const { importId, id } = this.#entity;
    this.#reading ??= listOpenAuditEvents(importId, id).then(events => {
      // Those of this very run are about to be answered, or known.
      for (const event of events.filter(({ key }) => !this.#own.has(key)))
        this.#open.set(event.relation, [...this.#openOf(event.relation), event]);
      this.#mayHaveOthers = false;
    });
    await this.#reading;
  }

  #openOf(relation: string): AuditEvent[] {
    return this.#open.get(relation) ?? [];
  }

  #write(writing: Promise<void>): void {
    const { importId, id: entityId } = this.#entity;
    const written = writing
      // The event stays as one that was sent; the write itself was answered, and the import goes on.
      .catch(error => logger.warn(LogEvent.AuditUnwritten, { importId, entityId, reason: messageOf(error) }))
      .finally(() => this.#writing.delete(written));
    this.#writing.add(written);
  }
}

/**
 * What became of writes is written down by 25s, as many as DynamoDB takes at once, or after five
 * seconds: alone they were a third of all writes to the table.
 */
const EVENTS_AT_ONCE = 25;
const LONGEST_COLLECTION_MS = 5_000;

/** So many digits keep the order of what is written within one millisecond. */
const COUNT_DIGITS = 6;

async function settleAll(events: AuditEvent[]): Promise<void> {
  await Promise.all(events.map(settleAuditEvent));
}

function isSameRecord(one: SentWrite, other: SentWrite): boolean {
  return (
    one.target === other.target &&
    one.title === other.title &&
    one.within === other.within &&
    (one.targetId === other.targetId || one.title !== null)
  );
}
