import { HttpError } from '../answers/http-errors.ts';
import type { RequestedEntity } from '../request/create-import-parameters.ts';

/** What stands against an entity of a request. */
export type Refusal = readonly [entity: RequestedEntity, message: string];

/**
 * What stands against single entities of a request, as far as one check has found it out. A new import is refused with
 * the first of them; a plan goes on with the others, and tells of all.
 */
export class RefusedEntities extends HttpError {
  readonly refusals: readonly Refusal[];

  constructor(refusals: readonly Refusal[]) {
    super(422, { message: refusals[0]?.[1] ?? '' });
    this.refusals = refusals;
  }
}

/** Refuses one entity. */
export const refused = (entity: RequestedEntity, message: string): RefusedEntities =>
  new RefusedEntities([[entity, message]]);

/** The entities of a request against which nothing was found yet. */
export class OpenEntities<Entity extends RequestedEntity> {
  readonly #messages = new Map<RequestedEntity, string>();
  #open: readonly Entity[];

  constructor(entities: readonly Entity[]) {
    this.#open = entities;
  }

  /** Those that are left, in order. */
  get open(): readonly Entity[] {
    return this.#open;
  }

  /** What stands against an entity; `undefined` for one that is left. */
  messageOf(entity: Entity): string | undefined {
    return this.#messages.get(entity);
  }

  /** Checks those that are left, again without each that is refused. @returns what the check has found of the others */
  async check<Found>(check: (open: readonly Entity[]) => Promise<Found> | Found): Promise<Found> {
    for (;;) {
      try {
        return await check(this.#open);
      } catch (error) {
        if (!(error instanceof RefusedEntities)) throw error;
        for (const [entity, message] of error.refusals) this.#messages.set(entity, message);
        const left = this.#open.filter(entity => !this.#messages.has(entity));
        // Whoever refuses what it was not asked about would do so for ever.
        if (left.length === this.#open.length) throw error;
        this.#open = left;
      }
    }
  }
}
