import { UnsupportedByDestinationError } from '../domain/errors.ts';
import { type Group, getGroup, updateGroup } from '../gitlab/api/groups.ts';
import { NEEDS_PREMIUM } from './edition.ts';
import { groupAtDestination } from './group-at-destination.ts';
import { isOnlyPlanned } from './planned.ts';
import { Change, onlyPage, type PipelineContext, type Relation, type RelationEntry } from './relation.ts';
import { differences } from './shown.ts';
import { sourceGroup } from './source-group.ts';

/** A relation of one attribute of the group: got here and there, compared, and put where it differs. */
export interface Setting<Name extends keyof Group & string> extends RelationEntry {
  /** What `GET /groups/:id` shows it as and `PUT` takes it as; true or false. A GitLab without it does not show it. */
  attribute: Name;
  /** How failures identify it; by the attribute without it. */
  key?: string;
  /** Of one with `afterProjects`, whether this value has to wait for them. */
  waitsForProjects?: (wanted: boolean) => boolean;
  /** Why it cannot be set in this group of the destination, and what to do; `undefined` where it can. */
  obstacle?: (there: Group) => string | undefined;
  /** What follows where the destination has ignored it, and what to do. */
  advice: (wanted: boolean) => string;
}

type Wanted = Record<string, boolean>;

/** Makes a relation of a setting. */
export function setting<Name extends keyof Group & string>(
  of: Setting<Name>,
): Relation<Wanted, Wanted, undefined> {
  const { name, pipelineClass, relation, edition, attribute, key, advice } = of;
  return {
    name,
    pipelineClass,
    relation,
    ...(edition !== undefined && { edition }),
    ...(of.afterProjects && { afterProjects: of.afterProjects }),
    parallel: 1,

    async read(context) {
      const value = (await sourceGroup(context))[attribute];
      return onlyPage(typeof value === 'boolean' ? [{ [attribute]: value }] : []);
    },

    existing: async () => undefined,
    nameOf: () => ({ key: key ?? attribute, title: attribute }),
    waitsForProjects: wanted => of.waitsForProjects?.(wanted[attribute] === true) ?? true,
    want: wanted => wanted,

    async decide(wanted, _, context) {
      const { entity, isFresh } = context;
      // The response of its creation has shown it.
      const shown = isFresh ? entity.destinationShown : null;
      if (shown !== null && differences(wanted, shown).size === 0) return 'keep';
      const there = await groupAtDestination(context);
      const differs = differences(wanted, there);
      if (differs.size === 0) return 'keep';
      const obstacle = of.obstacle?.(there);
      if (obstacle !== undefined) throw new UnsupportedByDestinationError(obstacle);
      // A Community Edition does not show what it does not have, and would ignore it.
      if (edition === 'premium' && there[attribute] === undefined && !isOnlyPlanned(context))
        throw ignored(wanted);
      return new Change(differs.values());
    },

    planned: {
      outlook: (_, __, context) => ({
        writes: 1,
        isUnknown: edition === 'premium' && isOnlyPlanned(context),
      }),
    },

    async openForProjects({ destination, target }) {
      const there = await getGroup(destination, target().id);
      if (there[attribute] === true)
        await updateGroup(destination, target().id, { json: { [attribute]: false } });
    },

    async change(wanted, { destination, target }: PipelineContext) {
      const changed = await updateGroup(destination, target().id, { json: { ...wanted } });
      if (differences(wanted, changed).size > 0) throw ignored(wanted);
    },
  };

  function ignored(wanted: Wanted): UnsupportedByDestinationError {
    const value = wanted[attribute] === true;
    const why = edition === 'premium' ? NEEDS_PREMIUM : `is ${value} at the source`;
    return new UnsupportedByDestinationError(
      `The destination ignored ${attribute}, which ${why}. ${advice(value)}`,
    );
  }
}
