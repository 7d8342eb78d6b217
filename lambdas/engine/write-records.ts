import { isRefusal } from '../gitlab/client-errors.ts';
import type { PipelineStep } from '../store/failures.ts';
import type { Attempt, Decided, Fared, Pending } from './attempt.ts';
import { foresee } from './foresee.ts';
import { isVerification } from './planned.ts';
import { checkTexts } from './record-texts.ts';
import {
  Change,
  type OneOfMany,
  type PipelineContext,
  type Relation,
  type SentWrite,
  Skip,
  type StagedEntry,
} from './relation.ts';
import { isTrouble } from './trouble.ts';
import { verify } from './verify.ts';

export { type Final, isFinal, isTrouble } from './trouble.ts';

const metTrouble = (attempt: Attempt) => attempt?.outcome === 'failed' && isTrouble(attempt.error);

const verbOf = ({ decision }: Pick<Pending<unknown>, 'decision'>) =>
  decision instanceof Change ? 'change' : 'create';

/** Decides about some records and writes them: those to be created by one request where the relation can, others singly. */
export class RecordWriter<Source, Wanted, Existing> {
  readonly #relation: Relation<Source, Wanted, Existing> & StagedEntry;
  readonly #context: PipelineContext;
  readonly #existing: Existing;
  /** Whether this destination does not take many at once. */
  readonly #isSingle: boolean;

  constructor(
    relation: Relation<Source, Wanted, Existing> & StagedEntry,
    context: PipelineContext,
    existing: Existing,
    isSingle: boolean,
  ) {
    this.#relation = relation;
    this.#context = context;
    this.#existing = existing;
    this.#isSingle = isSingle;
  }

  /**
   * @returns how each record fared, in order; those after one that met trouble may be left for the next time, and are
   *   then found by their keys, or written
   */
  async write(records: Source[]): Promise<{ attempts: Attempt[]; isSingle: boolean }> {
    const { makesEntities = false, many } = this.#relation;
    if (this.#context.isClosed && (!makesEntities || isVerification(this.#context))) {
      return { attempts: await this.#foreseeAll(records), isSingle: this.#isSingle };
    }
    const plans = await this.#decideAll(records);
    const attempts: Attempt[] = plans.map(plan => ('decision' in plan ? undefined : plan));
    const pending = plans.flatMap((plan, index) => ('decision' in plan ? [{ ...plan, index }] : []));
    const created = pending.filter(plan => verbOf(plan) === 'create');
    let isSingle = this.#isSingle;
    if (many !== undefined && !isSingle && created.length >= (many.least ?? 1)) {
      const fates = await this.#createMany(created.map(({ wanted }) => wanted));
      isSingle = fates === undefined;
      for (const [index, fate] of (fates ?? []).entries()) {
        const place = created[index]?.index;
        if (place !== undefined && fate !== 'alone') attempts[place] = attemptOf(fate);
      }
    }
    const left = pending.filter(({ index }) => attempts[index] === undefined);
    while (left.length > 0) {
      const some = left.splice(0, this.#relation.parallel);
      const [first] = some;
      // What lies behind trouble is met again after the wait.
      if (first === undefined || attempts.slice(0, first.index).some(metTrouble)) break;
      const results = await Promise.all(some.map(plan => this.#writeOne(plan)));
      for (const [position, { index }] of some.entries()) attempts[index] = results[position];
    }
    if (this.#context.audit?.isInDoubt) await this.#tellFound(records, plans, attempts);
    return { attempts, isSingle };
  }

  /** Has it written down which records are there, for what was sent and not answered. */
  async #tellFound(
    records: Source[],
    plans: readonly Decided<Wanted>[],
    attempts: readonly Attempt[],
  ): Promise<void> {
    const { isAbout } = this.#relation;
    for (const [index, attempt] of attempts.entries()) {
      const wanted = plans[index]?.wanted;
      if (attempt?.outcome !== 'imported' || wanted === undefined) continue;
      const { title } = this.#relation.nameOf(records[index] as Source, this.#context);
      const hasItsTitle = (write: SentWrite) => (write.within ?? write.title ?? title) === title;
      await this.#context.audit?.found(write => isAbout?.(write, wanted) ?? hasItsTitle(write));
    }
  }

  /** Decides about one after the other, each as if those before it had been written. */
  async #foreseeAll(records: Source[]): Promise<Attempt[]> {
    const attempts: Attempt[] = [];
    for (const record of records) {
      const decided = await this.#decide(record);
      const of = [this.#relation, this.#context, this.#existing] as const;
      const attempt = isVerification(this.#context)
        ? await verify(...of, record, decided)
        : await foresee(...of, decided);
      attempts.push(attempt);
      if (metTrouble(attempt)) break;
      if (!isVerification(this.#context)) await this.#relation.planned?.note?.(record, this.#context);
    }
    return attempts;
  }

  /** @returns what is to be done about each, as far as before those after one that met trouble */
  async #decideAll(records: Source[]): Promise<Decided<Wanted>[]> {
    const plans: Decided<Wanted>[] = [];
    // A decision may take a look-up: no more of them at once than of writes, and none at a GitLab that is in trouble.
    while (plans.length < records.length && !plans.some(plan => 'outcome' in plan && metTrouble(plan))) {
      const some = records.slice(plans.length, plans.length + this.#relation.parallel);
      plans.push(...(await Promise.all(some.map(record => this.#decide(record)))));
    }
    return plans;
  }

  async #decide(record: Source): Promise<Decided<Wanted>> {
    let step: PipelineStep = 'extractor';
    try {
      checkTexts(record);
      step = 'transformer';
      const wanted = this.#relation.want(record, this.#context);
      if (wanted instanceof Skip) return { outcome: wanted };
      step = 'loader';
      const decision = await this.#relation.decide(wanted, this.#existing, this.#context);
      if (decision instanceof Skip) return { outcome: decision };
      if (decision === 'keep') return { outcome: 'imported', wanted };
      return { wanted, decision };
    } catch (error) {
      return { outcome: 'failed', step, error };
    }
  }

  /** @returns what became of each; `undefined` when the destination does not take them together */
  async #createMany(wanted: Wanted[]): Promise<OneOfMany[] | undefined> {
    try {
      return await this.#relation.many?.create(wanted, this.#context, this.#existing);
    } catch (error) {
      // Refused as a whole, for whatever it says about one of them. Else they share its fate.
      if (isRefusal(error) && this.#relation.create !== undefined) return undefined;
      return wanted.map(() => ({ error }));
    }
  }

  async #writeOne({ wanted, decision }: Pending<Wanted>): Promise<Attempt> {
    const verb = verbOf({ decision });
    try {
      return await this.#send(wanted, verb, this.#existing);
    } catch (error) {
      if (verb === 'create' && this.#relation.isTakenHere?.(error)) return this.#decideAnew(wanted, error);
      return { outcome: 'failed', step: 'loader', error };
    }
  }

  async #send(wanted: Wanted, verb: 'create' | 'change', existing: Existing): Promise<Fared> {
    const written = await this.#relation[verb]?.(wanted, this.#context, existing);
    return { outcome: written instanceof Skip ? written : 'imported' };
  }

  /** What becomes of a record that was made since the look-up. One that is still not to be found was refused as it is. */
  async #decideAnew(wanted: Wanted, refusal: unknown): Promise<Attempt> {
    try {
      const existing = await this.#relation.existing(this.#context);
      const decision = await this.#relation.decide(wanted, existing, this.#context);
      if (decision === 'create') throw refusal;
      if (decision instanceof Change) return await this.#send(wanted, 'change', existing);
      return { outcome: decision === 'keep' ? 'imported' : decision };
    } catch (error) {
      return { outcome: 'failed', step: 'loader', error };
    }
  }
}

function attemptOf(fate: Exclude<OneOfMany, 'alone'>): Attempt {
  if (fate === 'unsent') return undefined;
  if (fate === 'imported' || fate instanceof Skip) return { outcome: fate };
  return { outcome: 'failed', step: 'loader', error: fate.error };
}
