import * as z from 'zod/mini';
import { KINDS, onlyLooks } from '../domain/kinds.ts';
import { STATUSES } from '../domain/statuses.ts';
import { type Changes, changesOf, changesSchema, NOTHING_FORESEEN } from './changes.ts';
import { type Counts, countsSchema, NOTHING_COUNTED } from './counts.ts';
import type { Item } from './item.ts';
import { indexKeys, keys } from './keys.ts';
import { endedWith, REDONE, type Tracker, trackerSchema } from './trackers.ts';
import type { Waiting } from './waiting.ts';

const VERSION = 3;

const shownSchema = z.object({
  visibility: z.string(),
  membership_lock: z.optional(z.boolean()),
  prevent_sharing_groups_outside_hierarchy: z.optional(z.boolean()),
});

const parentSchema = z.object({
  /** 0 for one that is only planned. */
  id: z.int(),
  fullPath: z.string(),
  visibility: z.string(),
  /** Whether nothing of it had failed by then: who is a member above is one at the destination, too. */
  isComplete: z.boolean(),
});

const entitySchema = z.object({
  v: z.literal(VERSION),
  id: z.int(),
  importId: z.int(),
  /** Those of its import: an entity is listed by them. */
  kind: z.optional(z.enum(KINDS)),
  destinationUrl: z.string(),
  userId: z.int(),
  status: z.enum(STATUSES),
  /** The attempt of the import that has it, or that had it last; the first is not stored. */
  attempt: z._default(z.int(), 1),
  sourceType: z.enum(['group_entity', 'project_entity']),
  sourceFullPath: z.string(),
  /** Numeric id at the source. Reads use it, because a path of digits only would be taken for an id. */
  sourceId: z.int(),
  /** As requested; for children the source's path. Normalised only when the group is created. */
  destinationSlug: z.string(),
  /** Full path of the parent at the destination; empty for a top-level group. */
  destinationNamespace: z.string(),
  /** The entity whose `subgroup_entities` pipeline made this one; `null` for requested entities. */
  parentId: z.nullable(z.int()),
  /**
   * The group above at the destination, as the parent's entity knew it when it made this one; `null` for requested
   * entities. Whoever doubts it reads the group by its id.
   */
  parent: z._default(z.nullable(parentSchema), null),
  /** 0 for requested entities, one more than the parent's for children. A generation runs after its parents'. */
  generation: z.int(),
  /** Full path that this entity is about to create at the destination, written before the request is sent. */
  claimedFullPath: z.nullable(z.string()),
  /** Since when it claims that path. */
  claimedAt: z.nullable(z.string()),
  /** When a request was sent last that may have created the group there; `null` when none is in doubt. */
  attemptedAt: z.nullable(z.string()),
  /** Set when the group exists at the destination. */
  namespaceId: z.nullable(z.int()),
  /** When that was; `null` for a group that no request of ours has made. Its reads may lag behind at first. */
  destinationCreatedAt: z.nullable(z.string()),
  /** What the destination has shown of the group as it was made; `null` for one that no request of ours has made. */
  destinationShown: z._default(z.nullable(shownSchema), null),
  /** Set when the project exists at the destination. */
  projectId: z.nullable(z.int()),
  /** What was counted at both GitLabs of what a project's archive has moved, by relation. */
  counted: z._default(z.record(z.string(), countsSchema), () => ({})),
  /**
   * Whether the project came archived, was unarchived to be written into, and is to be archived again. Noted before it is
   * unarchived.
   */
  awaitsArchiving: z.optional(z.boolean()),
  /** Of a plan, where the group or project would be. */
  destinationFullPath: z.nullable(z.string()),
  /** How many records of what is not moved there are, by relation: of groups a plan counts them, of projects an import, too. */
  notMigrated: z.optional(z.record(z.string(), z.int())),
  /** Of a plan, how large the archive of a project would roughly be; `null` where the source does not say. */
  archiveBytes: z.nullish(z.int()),
  /** Of a verification, what was found of relations that it does not go through record by record. */
  compared: z.optional(z.record(z.string(), changesSchema)),
  /** Of a verification, full paths of what the group has got since the import, by the relation that lists it. */
  newAtSource: z.optional(z.record(z.string(), z.array(z.string()))),
  /** Which relations were asked for or ruled out, by their trackers' names; all others as they are by default. */
  relations: z.record(z.string(), z.boolean()),
  /** Whether it ended with at least one failure. */
  hasFailures: z.boolean(),
  /** Whether a failure row may exist; rows are read only then. */
  failuresRecorded: z.boolean(),
  /** When its first run in this attempt of the import began; absent before that. */
  begunAt: z.optional(z.string()),
  /** Requests that its runs have sent to the GitLabs since then, as far as they were saved. */
  sourceRequests: z.optional(z.int()),
  destinationRequests: z.optional(z.int()),
  /** How often it was run. Only the latest run may save: an older one that still lives is refused. */
  run: z.int(),
  /**
   * Runs in a row that began and did not say how they ended, the present one included; those that only waited for their
   * turn are passed over. The workflow counts only those that it has seen to die one after the other.
   */
  deaths: z.optional(z.int()),
  /** Whether something was sent of which nobody knows yet what became of it. */
  hasOpenWrites: z.optional(z.boolean()),
  /**
   * Which relations another attempt moves again, by their trackers' names; until the first run of that begins, which knows
   * what belongs to them. `null`, or absent, after that.
   */
  redo: z.nullish(z.record(z.string(), z.enum(REDONE))),
  /** Whether the project had arrived as a whole in an earlier attempt. */
  arrivedBefore: z.optional(z.boolean()),
  /** The relation that a run has alone in hand, to find out which of them kills it; `null` as a rule. */
  alone: z.nullable(z.string()),
  /** How far its relations have come, by name; those that nobody has begun are not there. */
  trackers: z.record(z.string(), trackerSchema),
  createdAt: z.string(),
  updatedAt: z.string(),
});

/** A group or project that is migrated as part of an import. */
export interface Entity extends Omit<z.infer<typeof entitySchema>, 'v'> {
  /** Counts per relation, of those of which something was read: from the trackers, and what was counted. */
  stats: Record<string, Counts>;
  /**
   * Of a plan, what would become of the records of each relation. Of a verification likewise, with those relations, too,
   * that were read and have no records.
   */
  changes?: Record<string, Changes>;
  /** What a relation waits for; without those that do not wait. From the trackers. */
  waiting: Record<string, Waiting>;
}

/** Full path of the group that an entity's group or project is in at the source; empty at the top level. */
export function namespaceAtSource({ sourceFullPath: path }: Pick<Entity, 'sourceFullPath'>): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** What identifies an entity, and under what it is listed. */
export type EntityKey = Pick<Entity, 'id' | 'importId' | 'kind' | 'destinationUrl' | 'userId'>;

/** What a new entity needs to be told; the rest starts empty. */
export type NewEntity = Pick<
  Entity,
  | 'id'
  | 'importId'
  | 'destinationUrl'
  | 'userId'
  | 'sourceType'
  | 'sourceFullPath'
  | 'sourceId'
  | 'destinationSlug'
  | 'destinationNamespace'
  | 'parentId'
  | 'generation'
  | 'relations'
> &
  Partial<Pick<Entity, 'kind' | 'parent' | 'attempt'>>;

/** An entity as it is stored. */
export function entityItem({
  attempt = 1,
  ...entity
}: Omit<Entity, 'stats' | 'changes' | 'waiting' | 'counted' | 'attempt'> &
  Partial<Pick<Entity, 'counted' | 'attempt'>>): Item {
  return {
    ...keys.entity(entity.importId, entity.id),
    ...indexKeys(entity, 'ENTITIES', entity.id, entity.status),
    v: VERSION,
    ...entity,
    ...(attempt > 1 && { attempt }),
  };
}

/** An entity as it stands in the table. */
export function entityFromItem(item: Item): Entity {
  const { v: _, trackers: stored, ...entity } = entitySchema.parse(item);
  const trackers = Object.fromEntries(
    Object.entries(stored).map(([name, tracker]) => [name, endedWith(entity.status, tracker)]),
  );
  const all = Object.values(trackers);
  const moved = all.filter(({ counts }) => counts.source > 0);
  // What was counted at the source only, as long as nobody has compared it, says nothing of what has arrived.
  const counted = Object.entries(entity.counted).filter(([, { fetched }]) => fetched > 0);
  return {
    ...entity,
    trackers,
    ...(onlyLooks(entity) && { changes: changesIn(all, entity) }),
    stats: {
      ...Object.fromEntries(moved.map(({ relation, counts }) => [relation, counts])),
      ...Object.fromEntries(counted),
    },
    waiting: Object.fromEntries(
      all.flatMap(({ relation, waiting }) => (waiting === null ? [] : [[relation, waiting]])),
    ),
  };
}

/** What a run that only looks would do: a project's archive has what was counted, and only its import can tell of that. */
function changesIn(
  trackers: Tracker[],
  { kind, counted, compared }: Pick<Entity, 'kind' | 'counted' | 'compared'>,
): Record<string, Changes> {
  const found: Record<string, Changes> = { ...compared };
  for (const [relation, { source }] of Object.entries(counted)) {
    if (source > 0) found[relation] = changesOf({ ...NOTHING_FORESEEN, unknown: source }, NOTHING_COUNTED);
  }
  for (const { relation, status, counts, foreseen = NOTHING_FORESEEN } of trackers) {
    const changes = changesOf(foreseen, counts);
    // That a relation was read to its end, and has nothing any more, is known of a verification.
    const isRead = kind === 'verification' && status === 'finished' && found[relation] === undefined;
    if (isRead || isSome(changes)) found[relation] = changes;
  }
  return found;
}

/** Whether there are any records of which it tells. */
export const isSome = (changes: Partial<Changes>): boolean => Object.values(changes).some(count => count > 0);
