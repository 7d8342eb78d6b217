import type { GitLabClient, Page } from '../gitlab/client.ts';
import { type Accepted, writeAccepted } from './accepted.ts';
import {
  Change,
  type PipelineContext,
  type RecordName,
  type Relation,
  type RelationEntry,
} from './relation.ts';
import { differences, requireShown } from './shown.ts';

/** Writes about one record that is at the destination. */
type WriteTo<Result> = (client: GitLabClient, groupId: number, recordId: number) => Promise<Result>;

/**
 * A relation of many records that are alike and told apart by a key: read here, existing there, created where they are
 * missing. What is there already is left as it is.
 */
export interface Collection<Source, Wanted extends object, Shown extends { id: number }>
  extends RelationEntry {
  /** What one record is called in failures. */
  what: string;
  /** One page of the source's records. */
  read(client: GitLabClient, groupId: number, cursor: string | null): Promise<Page<Source>>;
  /** All that the destination's group has itself. */
  existing(client: GitLabClient, groupId: number): Promise<Shown[]>;
  /** By what a record is found again. */
  keyOf(record: Wanted | Shown): string;
  /** How failures name a record; by its key without it. */
  nameOf?: (record: Source, context: PipelineContext) => RecordName;
  /** What the destination should have. */
  want(record: Source): Wanted;
  create(client: GitLabClient, groupId: number, wanted: Wanted): Promise<Shown>;
  /**
   * What is written instead of an attribute that the destination refuses, `undefined` for nothing. The refusal of one
   * that is not here is that of the record.
   */
  optional?: { [Name in keyof Wanted]?: Wanted[Name] | undefined };
  /** What the destination does not take at a record's creation, and is set after it; at one that was there, too. */
  afterwards?: { attributes: (keyof Wanted)[]; write: WriteTo<Shown> };
  /** Whether a refusal says that there is such a record, in the group or above it, which can be used here. */
  isTaken?: (error: unknown) => boolean;
  /** Whether it says that the group itself has one: then a request without a response may have made it. */
  isTakenHere?: (error: unknown) => boolean;
  /**
   * When a record was made. What is missing in one that was made since the import began is told: the run that has made
   * it may have been interrupted before it could.
   */
  createdAt?: (record: Shown) => string | null | undefined;
  /** Removes a record; where GitLab takes the same one twice, so that what was sent again may be there twice. */
  remove?: WriteTo<void>;
}

/** How many records are created at the same time. */
const PARALLEL = 4;
/** More than the clocks of this service and of a GitLab differ. */
const CLOCKS_DIFFER_MS = 5 * 60_000;

/** Makes a relation of a collection. */
export function collection<Source, Wanted extends object, Shown extends { id: number }>(
  of: Collection<Source, Wanted, Shown>,
): Relation<Source, Wanted, Map<string, Shown>> {
  const { keyOf, what, remove } = of;
  const records = new Records(of);
  return {
    ...entryOf(of),
    // One by one where twins are possible: of those in one page only the first may be created.
    parallel: remove === undefined ? PARALLEL : 1,
    read: ({ entity, source }, cursor) => of.read(source, entity.sourceId, cursor),
    existing: context => records.existing(context),
    nothing: () => new Map(),
    nameOf: of.nameOf ?? (record => ({ key: keyOf(of.want(record)), title: keyOf(of.want(record)) })),
    want: of.want,

    decide(wanted, existing, context) {
      const found = existing.get(keyOf(wanted));
      if (found === undefined) return 'create';
      context.sent?.settle(keyOf(wanted));
      const differs = records.missingAfterwards(wanted, found);
      if (differs.length > 0) return new Change(differs);
      records.check(wanted, found, context);
      return 'keep';
    },

    async create(wanted, context, existing) {
      const created = await records.create(wanted, context);
      if (created === undefined) return;
      const { result, refused, isNew } = created;
      existing.set(keyOf(wanted), result);
      const complete = await records.complete(wanted, result, context);
      existing.set(keyOf(wanted), complete);
      if (isNew) requireShown(wanted, complete, what, refused);
      else records.check(wanted, complete, context);
    },

    async change(wanted, context, existing) {
      const found = existing.get(keyOf(wanted)) as Shown;
      const complete = await records.complete(wanted, found, context);
      existing.set(keyOf(wanted), complete);
      records.check(wanted, complete, context);
    },

    ...(remove !== undefined && {
      removeTwins: (context, isRepeated) => records.removeTwins(context, isRepeated, remove),
    }),
  };
}

/** What a relation is known by, without the rest. */
function entryOf({ name, pipelineClass, relation, optIn }: RelationEntry): RelationEntry {
  return { name, pipelineClass, relation, ...(optIn !== undefined && { optIn }) };
}

/** What is done with the records of a collection at the destination. */
class Records<Source, Wanted extends object, Shown extends { id: number }> {
  readonly #of: Collection<Source, Wanted, Shown>;

  constructor(of: Collection<Source, Wanted, Shown>) {
    this.#of = of;
  }

  async existing({ destination, target }: PipelineContext): Promise<Map<string, Shown>> {
    const all = await this.#of.existing(destination, target().id);
    return new Map(all.map(record => [this.#of.keyOf(record), record]));
  }

  /** Creates a record, or finds who has its key; `undefined` for one that is there and not the group's own. */
  async create(
    wanted: Wanted,
    context: PipelineContext,
  ): Promise<(Accepted<Shown> & { isNew: boolean }) | undefined> {
    const { keyOf, isTaken, isTakenHere, optional = {} } = this.#of;
    const { destination, sent, target } = context;
    const write = () =>
      writeAccepted(wanted, optional, attributes => this.#of.create(destination, target().id, attributes));
    try {
      const accepted = await (sent?.send(keyOf(wanted), write) ?? write());
      return { ...accepted, isNew: true };
    } catch (error) {
      if (isTaken?.(error)) return undefined;
      const own = isTakenHere?.(error) ? (await this.existing(context)).get(keyOf(wanted)) : undefined;
      if (own === undefined) throw error;
      return { result: own, refused: new Map(), isNew: false };
    }
  }

  /** What of the attributes that are set after the creation is still missing. */
  missingAfterwards(wanted: Wanted, shown: Shown): string[] {
    return [...differences(this.#afterwardsOf(wanted), shown).values()];
  }

  /** Sets what is set after the creation. */
  async complete(wanted: Wanted, shown: Shown, { destination, target }: PipelineContext): Promise<Shown> {
    const { afterwards } = this.#of;
    if (afterwards === undefined || this.missingAfterwards(wanted, shown).length === 0) return shown;
    return afterwards.write(destination, target().id, shown.id);
  }

  /** Demands of a record that was there that it is as asked for, as far as this import answers for it. */
  check(wanted: Wanted, shown: Shown, { bulkImport }: PipelineContext): void {
    const createdAt = Date.parse(this.#of.createdAt?.(shown) ?? '');
    const isOurs = createdAt >= Date.parse(bulkImport.createdAt) - CLOCKS_DIFFER_MS;
    requireShown(isOurs ? wanted : this.#afterwardsOf(wanted), shown, this.#of.what);
  }

  /** Removes what was made twice. Only in a group that a request of ours has made: nobody else's records are in it. */
  async removeTwins(
    { entity, destination, target }: PipelineContext,
    isRepeated: (key: string) => boolean,
    remove: WriteTo<void>,
  ): Promise<void> {
    if (entity.destinationCreatedAt === null) return;
    const seen = new Set<string>();
    const all = await this.#of.existing(destination, target().id);
    for (const record of all.sort((a, b) => a.id - b.id)) {
      const key = this.#of.keyOf(record);
      if (seen.has(key) && isRepeated(key)) await remove(destination, target().id, record.id);
      seen.add(key);
    }
  }

  #afterwardsOf(wanted: Wanted): Record<string, unknown> {
    const names = this.#of.afterwards?.attributes ?? [];
    return Object.fromEntries(names.map(name => [name, wanted[name]]));
  }
}
