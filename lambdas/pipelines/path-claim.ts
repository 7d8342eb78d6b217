import { SLOWEST_REQUEST_MS } from '../engine/late-effects.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { replicaLag } from '../engine/replica-lag.ts';
import { hadNoEffect, isLimit, isUnreadableSuccess } from '../gitlab/client-errors.ts';
import type { PathNote } from '../store/entity-runs.ts';
import { claimPath, holdsPath } from '../store/path-claims.ts';

/** For so long a path that is taken, and shows nothing, is believed to be taken by our own request. */
const HIDDEN_MS = 2 * 60_000;

/**
 * What an entity knows of the path at which its group or project is to be, and of the requests that may have made it there
 * (docs/adr/0018). The entity in the context is kept up to date with what is stored.
 */
export abstract class PathClaim<Made extends object> {
  protected readonly context: PipelineContext;
  /** What a request has not done so long after it was noted, ms, it does not do any more. */
  protected readonly slowestRequestMs: number = SLOWEST_REQUEST_MS;
  /** When the last request before the present one was sent, if it is still in doubt. */
  #earlier: string | null = null;

  constructor(context: PipelineContext) {
    this.context = context;
  }

  /** The path at which something may be ours: a request was sent whose effect is unknown. */
  get pathInDoubt(): string | null {
    const { attemptedAt, claimedFullPath } = this.context.entity;
    return attemptedAt === null ? null : claimedFullPath;
  }

  /**
   * Claims a path for a request that is sent next; noted before it is sent, so that the next run knows of it.
   *
   * @returns false when another entity is creating its group or project there
   */
  async take(fullPath: string): Promise<boolean> {
    const { entity } = this.context;
    const now = new Date().toISOString();
    const isSame = entity.claimedFullPath === fullPath;
    // Who claims anew does not answer for a request that can have no effect any more.
    const inDoubt =
      isSame && entity.attemptedAt !== null && !isOlder(entity.attemptedAt, this.slowestRequestMs);
    this.#earlier = inDoubt ? entity.attemptedAt : null;
    await this.#note({
      claimedFullPath: fullPath,
      claimedAt: inDoubt ? entity.claimedAt : now,
      attemptedAt: now,
    });
    if (await claimPath(this.context.bulkImport.destinationUrl, fullPath, entity)) return true;
    await this.refused();
    return false;
  }

  /** The request had no effect. What an earlier one has done may still be in doubt. */
  async refused(): Promise<void> {
    const { claimedFullPath, claimedAt } = this.context.entity;
    const attemptedAt = this.#earlier;
    await this.#note(
      attemptedAt === null
        ? { claimedFullPath: null, claimedAt: null, attemptedAt }
        : { claimedFullPath, claimedAt, attemptedAt },
    );
  }

  /**
   * What a request of ours has made, after a response that was lost.
   *
   * @param isTaken whether the destination has said that something is at the path
   * @throws TemporaryError while it may be there and not be shown yet
   */
  async find(isTaken: boolean): Promise<'foreign' | 'nothing' | Made> {
    const { bulkImport, entity } = this.context;
    const { attemptedAt } = entity;
    const path = this.pathInDoubt;
    if (path === null || attemptedAt === null) return isTaken ? 'foreign' : 'nothing';
    const found = await this.lookUp(path);
    if (found === undefined) {
      if (isTaken && !isOlder(this.#hiddenSince(path), HIDDEN_MS)) throw replicaLag('look it up');
      return isTaken ? 'foreign' : 'nothing';
    }
    if (!(await holdsPath(bulkImport.destinationUrl, path, entity))) return 'foreign';
    return (await this.prove(found)) ?? 'foreign';
  }

  /**
   * Finds out what became of a request that has brought nothing.
   *
   * @returns what it has made after all; `undefined` when it had no effect, which is noted
   * @throws the error itself when it may still have one; TemporaryError while what it has made may not be shown yet
   */
  async afterError(error: unknown): Promise<Made | undefined> {
    if (isUnreadableSuccess(error)) {
      const made = await this.find(false);
      if (made === 'nothing') throw replicaLag('read it');
      if (made !== 'foreign') return made;
    }
    if (isLimit(error)) await this.refused();
    if (!hadNoEffect(error)) throw error;
    await this.refused();
    return undefined;
  }

  /** What is at a path of the destination. */
  protected abstract lookUp(fullPath: string): Promise<{ id: number } | undefined>;

  /** What was found, if it is proved to be the entity's and is noted as such. */
  protected abstract prove(found: { id: number }): Promise<Made | undefined>;

  /** Since when a path has been taken that shows nothing; a request may have been on its way for long before. */
  #hiddenSince(path: string): string {
    const { state } = this.context;
    const { hidden }: { hidden?: { path: string; since: string } } = state.get();
    if (hidden?.path === path) return hidden.since;
    const since = new Date().toISOString();
    state.set({ ...state.get(), hidden: { path, since } });
    return since;
  }

  async #note(note: PathNote): Promise<void> {
    this.context.noteOnEntity(note);
    await this.context.save();
  }
}

function isOlder(moment: string, milliseconds: number): boolean {
  return Date.now() - Date.parse(moment) > milliseconds;
}
