import { type Accepted, writeAccepted } from './accepted.ts';
import type { Collection, CreatedOfMany } from './collection-declaration.ts';
import { hasMade } from './met-records.ts';
import { isVerification } from './planned.ts';
import type { OneOfMany, PipelineContext } from './relation.ts';
import { sendableOf } from './sent-records.ts';
import { differences, requireShown } from './shown.ts';
import { isTrouble } from './write-records.ts';

/** So many records that GitLab takes twice are noted with one write before they are sent. */
export const NOTED_AT_ONCE = 20;
/** More than the clocks of this service and of a GitLab differ. */
const CLOCKS_DIFFER_MS = 5 * 60_000;

/** What is done with the records of a collection at the destination. */
export class CollectionRecords<Source, Wanted extends object, Shown extends { id: number }> {
  readonly #of: Collection<Source, Wanted, Shown>;

  constructor(of: Collection<Source, Wanted, Shown>) {
    this.#of = of;
  }

  async existing({ destination, target }: PipelineContext): Promise<Map<string, Shown>> {
    const all = await this.#of.existing(destination, target().id);
    return new Map(all.map(record => [this.#of.keyOf(record), record]));
  }

  /**
   * What is at the destination other than at the source, in words; `undefined` when it is not there. What the source
   * leaves empty is to be empty there, too. What stands for it in a group above is somebody else's, and none of what the
   * import has made.
   */
  async differences(
    record: Source,
    wanted: Wanted,
    context: PipelineContext,
    existing: Map<string, Shown>,
  ): Promise<string[] | undefined> {
    const { compared, keyOf, optional = {}, usable } = this.#of;
    const key = keyOf(wanted);
    const found = existing.get(key);
    if (found === undefined) {
      const above = (await usable?.(context.destination, context.target().id)) ?? [];
      const isAbove = above.some(one => keyOf(one) === key);
      return isAbove && !(await hasMade(this.#of, context, key)) ? [] : undefined;
    }
    const empty = Object.fromEntries(Object.keys(optional).map(name => [name, null]));
    return [...differences({ ...empty, ...wanted, ...compared?.(record) }, found).values()];
  }

  /** Creates a record as it is wanted. @throws IncompleteRecordError when the destination shows it otherwise */
  async createOne(wanted: Wanted, context: PipelineContext, existing: Map<string, Shown>): Promise<void> {
    const { keyOf, what } = this.#of;
    const created = await this.#create(wanted, context);
    if (created === undefined) return;
    const { result, refused } = created;
    existing.set(keyOf(wanted), result);
    const complete = await this.complete(wanted, result, context);
    existing.set(keyOf(wanted), complete);
    requireShown(wanted, complete, what, refused);
  }

  /**
   * Notes records that GitLab takes twice, all with one write, and creates them one after the other. One that was sent
   * before and perhaps not answered must wait as long as it may still be made, and those behind it with it, so that they
   * keep their order; after that it is looked for once more.
   */
  async createNoted(
    wanted: Wanted[],
    context: PipelineContext,
    existing: Map<string, Shown>,
  ): Promise<OneOfMany[]> {
    const { keyOf } = this.#of;
    const { sendable, mustWait } = sendableOf(wanted.map(keyOf), context.sent);
    const keys = wanted.slice(0, sendable).map(keyOf);
    if (context.sent?.areInDoubt(keys))
      for (const [key, shown] of await this.existing(context)) existing.set(key, shown);
    await context.sent?.note(keys.filter(key => !existing.has(key)));
    const fates: OneOfMany[] = [];
    const tried = new Set<string>();
    let isStopped = false;
    for (const one of wanted.slice(0, sendable)) {
      const key = keyOf(one);
      // Of twins in one page the first is created.
      const isSent = !isStopped && !existing.has(key);
      if (!isSent && !tried.has(key)) context.sent?.settle(key);
      tried.add(key);
      try {
        if (isSent) await this.createOne(one, context, existing);
        fates.push(isStopped ? 'unsent' : 'imported');
      } catch (error) {
        fates.push({ error });
        isStopped = isTrouble(error);
      }
    }
    return mustWait === undefined ? fates : [...fates, mustWait];
  }

  /** Creates records by one request. @returns `undefined` when the destination takes them only one by one */
  async createMany(
    wanted: Wanted[],
    context: PipelineContext,
    existing: Map<string, Shown>,
  ): Promise<OneOfMany[] | undefined> {
    const { destination, entity } = context;
    const created =
      (await this.#of.createMany?.create(destination, entity.destinationFullPath ?? '', wanted)) ?? [];
    if (created.every(({ kind }) => kind === 'document_refused')) return undefined;
    const isLookedUp = created.some(one => one.kind === 'unknown' && !isTrouble(one.error));
    const there = isLookedUp ? await this.existing(context) : existing;
    return wanted.map((one, index) => this.#fateOf(one, created[index], context, { existing, there }));
  }

  #fateOf(
    wanted: Wanted,
    created: CreatedOfMany<Shown> | undefined,
    context: PipelineContext,
    { existing, there }: Record<'existing' | 'there', Map<string, Shown>>,
  ): OneOfMany {
    const key = this.#of.keyOf(wanted);
    if (created?.kind === 'taken') return 'imported';
    if (created?.kind === 'unknown' && isTrouble(created.error)) return { error: created.error };
    const isNew = created?.kind === 'created';
    const shown = isNew ? created.record : created?.kind === 'unknown' ? there.get(key) : undefined;
    if (shown === undefined) return 'alone';
    existing.set(key, shown);
    try {
      if (isNew) requireShown(wanted, shown, this.#of.what);
      else this.check(wanted, shown, context);
      return 'imported';
    } catch (error) {
      return { error };
    }
  }

  /** Creates a record; `undefined` for one that is there and can be used. */
  async #create(
    wanted: Wanted,
    { destination, sent, target }: PipelineContext,
  ): Promise<Accepted<Shown> | undefined> {
    const { keyOf, isTaken, optional = {} } = this.#of;
    const write = () =>
      writeAccepted(wanted, optional, attributes => this.#of.create(destination, target().id, attributes));
    try {
      return await (sent?.send(keyOf(wanted), write) ?? write());
    } catch (error) {
      if (isTaken?.(error)) return undefined;
      throw error;
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
    return afterwards.write(destination, target().id, shown);
  }

  /**
   * Demands of a record that was there that it is as asked for, as far as this import answers for it. A verification
   * compares all of it anyway, and tells what differs of what is there.
   */
  check(wanted: Wanted, shown: Shown, { bulkImport }: PipelineContext): void {
    if (isVerification({ bulkImport })) return;
    const createdAt = Date.parse(this.#of.createdAt?.(shown) ?? '');
    const isOurs = createdAt >= Date.parse(bulkImport.createdAt) - CLOCKS_DIFFER_MS;
    requireShown(isOurs ? wanted : this.#afterwardsOf(wanted), shown, this.#of.what);
  }

  #afterwardsOf(wanted: Wanted): Record<string, unknown> {
    const names = this.#of.afterwards?.attributes ?? [];
    return Object.fromEntries(names.map(name => [name, wanted[name]]));
  }
}
