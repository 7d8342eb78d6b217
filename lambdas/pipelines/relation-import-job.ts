import { archiveStore } from '../archives/archive-stores.ts';
import type { ImportableRelation } from '../domain/relation-names.ts';
import { underWay, watchedSince } from '../engine/jobs.ts';
import { LateEffectError } from '../engine/late-effects.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { importRelation, listRelationImports, type RelationImport } from '../gitlab/api/relation-imports.ts';
import {
  hadNoEffect,
  isLimit,
  isRefusal,
  isUnreadableSuccess,
  status,
  wasNeverSent,
} from '../gitlab/client-errors.ts';
import { findArchive } from '../store/archives.ts';
import { membersAtRisk } from './first-member.ts';
import { narrowedArchive } from './narrowed-archive.ts';
import { archiveGone, importFailed, membersUnknown, membersWouldGo } from './relation-import-errors.ts';

/** As an import of a project: GitLab itself gives one up after a day. */
const IMPORT_HOURS = 26;
/** A run sends a file for 15 minutes at most, and what it has sent takes effect within five. */
const SLOWEST_IMPORT_MS = 20 * 60_000;

const isBusy = status(409);

/** What is kept of a request between two looks. */
export interface Sent {
  relation: ImportableRelation;
  /** When it was sent; ISO 8601. */
  at: string;
  /** The highest id that an import of the project had before: that of the one that was sent is higher. */
  after: number;
  /** Whether it was answered. */
  isAnswered?: boolean;
}

interface Seen {
  sent?: Sent | undefined;
  /** Since when another import is in the way; ISO 8601. */
  busySince?: string | undefined;
}

/** GitLab's import of one relation into the project: looked for before it is sent, and waited for to its end. */
export class RelationImportJob {
  readonly #context: PipelineContext;
  readonly #relation: ImportableRelation;

  constructor(context: PipelineContext, relation: ImportableRelation) {
    this.#context = context;
    this.#relation = relation;
  }

  /**
   * Has the destination import the relation, unless the archive has nothing of it.
   *
   * @throws TemporaryError while it is under way; MigrationError, or a refusal of the destination, when it comes to nothing
   */
  async finish(): Promise<void> {
    const imports = await listRelationImports(this.#context.destination, this.#context.target().id);
    const { sent } = this.#seen;
    const ours = sent?.relation === this.#relation ? imports.find(one => isOf(one, sent)) : undefined;
    if (sent !== undefined && ours !== undefined) return this.#look(sent, ours);
    const other = imports.find(isOpen);
    if (other !== undefined) throw await this.#busy(other.created_at);
    if (sent?.relation === this.#relation) this.#checkOver(sent);
    await this.#send(Math.max(0, ...imports.map(({ id }) => id)));
  }

  get #seen(): Seen {
    return this.#context.state.get();
  }

  async #note(seen: Seen): Promise<void> {
    this.#context.state.set({ ...this.#context.state.get(), ...seen });
    await this.#context.save();
  }

  async #look(sent: Sent, ours: RelationImport): Promise<void> {
    if (sent.isAnswered !== true) {
      const isAbout = ({ target, title }: { target: string; title: string | null }) =>
        target === 'RelationImport' && title === this.#relation;
      await this.#context.audit?.found(isAbout);
    }
    if (ours.status === 'failed') throw importFailed(this.#relation);
    if (ours.status === 'finished') return;
    throw this.#underWay('imports a relation of the project', watchedSince(this.#context.state, sent.at));
  }

  /** @throws LateEffectError while a request that shows no effect may still have one */
  #checkOver({ at }: Sent): void {
    const left = Date.parse(at) + SLOWEST_IMPORT_MS - Date.now();
    if (left > 0) throw new LateEffectError(Math.ceil(left / 1000));
  }

  async #send(after: number): Promise<void> {
    const { destination, entity } = this.#context;
    await this.#checkMembers();
    const record = await findArchive(entity.importId, entity.id);
    if (record === undefined || record.archive === null) throw archiveGone();
    const { archive } = record;
    const narrowed = await narrowedArchive(() => archiveStore().read(archive), this.#relation);
    if (narrowed === undefined) return;
    // Once more: to go through a large archive takes minutes.
    await this.#checkMembers();
    // Noted before it is sent, so that the next run looks for what it has done.
    await this.#note({ sent: { relation: this.#relation, at: new Date().toISOString(), after } });
    const projectPath = entity.destinationFullPath ?? '';
    try {
      await importRelation(destination, { projectPath, relation: this.#relation, ...narrowed });
      const { sent } = this.#seen;
      await this.#note({ sent: sent && { ...sent, isAnswered: true }, busySince: undefined });
    } catch (error) {
      if (!isUnreadableSuccess(error)) throw await this.#refused(error);
    }
    throw this.#underWay('imports a relation of the project');
  }

  /** People can have become members, or ceased to be, at any time. */
  async #checkMembers(): Promise<void> {
    let lost: number;
    try {
      lost = await membersAtRisk(this.#context);
    } catch (error) {
      throw isRefusal(error) ? membersUnknown() : error;
    }
    if (lost > 0) throw membersWouldGo(lost);
  }

  /** What is thrown of a request that has begun nothing, or of which nobody knows whether it has. */
  async #refused(error: unknown): Promise<unknown> {
    if (!hadNoEffect(error) && !isLimit(error) && !wasNeverSent(error)) return error;
    await this.#note({ sent: undefined });
    return isBusy(error) ? this.#busy() : error;
  }

  /**
   * What is waited for while somebody else imports something into the project.
   *
   * @param begun when that was, where the destination shows it; what has got stuck for longer than any import is not waited for
   */
  async #busy(begun?: string): Promise<Error> {
    const { busySince = new Date().toISOString() } = this.#seen;
    await this.#note({ busySince });
    const since = Date.parse(begun ?? '') < Date.parse(busySince) ? (begun as string) : busySince;
    return this.#underWay('imports something else into the project', since);
  }

  #underWay(doing: string, since = new Date().toISOString()): Error {
    return underWay({
      instance: 'destination',
      doing,
      since,
      hours: IMPORT_HOURS,
      advice:
        'Ask its administrator whether its background jobs run, and retry; what has arrived of the project stays as it is.',
    });
  }
}

const isOpen = ({ status: now }: RelationImport) => now === 'created' || now === 'started';

/** Whether an import is what a request has begun: of its relation, and later than all that there was before. */
const isOf = ({ id, relation }: RelationImport, sent: Sent) => relation === sent.relation && id > sent.after;
