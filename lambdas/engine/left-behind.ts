import { messageText } from '../domain/failure-message.ts';
import { onlyLooks } from '../domain/kinds.ts';
import type { Entity } from '../store/entity.ts';
import { recordEntityFailure } from './entity-failures.ts';
import type { RelationEntry } from './relation.ts';

/** What archives a project again, after all that writes into it: the last relation of an entity. */
export const FINISHER = {
  name: 'finisher',
  pipelineClass: 'BulkImports::Common::Pipelines::EntityFinisher',
  relation: 'finisher',
} as const satisfies RelationEntry;

/** The relation by which a project is made, and fills itself until `project_import` has ended. */
const PROJECT = {
  name: 'project',
  pipelineClass: 'BulkImports::Projects::Pipelines::ProjectPipeline',
  relation: 'project',
} as const satisfies RelationEntry;

const GROUP = {
  name: 'group',
  pipelineClass: 'BulkImports::Groups::Pipelines::GroupPipeline',
  relation: 'group',
} as const satisfies RelationEntry;

type Ended = Pick<
  Entity,
  | 'id'
  | 'importId'
  | 'attempt'
  | 'kind'
  | 'sourceType'
  | 'sourceFullPath'
  | 'awaitsArchiving'
  | 'failuresRecorded'
  | 'projectId'
  | 'claimedFullPath'
  | 'attemptedAt'
  | 'destinationFullPath'
  | 'arrivedBefore'
  | 'trackers'
>;

/** Something that is left at the destination as it should not stay, and that nobody mends when its entity ends. */
interface Left {
  /** In the key of its failure. */
  key: string;
  of: RelationEntry;
  /** What is to be told of an entity; `undefined` where nothing is left. */
  tell(entity: Ended): string | undefined;
}

const UNARCHIVED: Left = {
  key: 'unarchived',
  of: FINISHER,
  tell: ({ awaitsArchiving }) =>
    awaitsArchiving === true
      ? 'The project is archived at the source, and was unarchived at the destination to be written into. Its import ended before it was archived again. Archive it there by hand: Settings, General, Advanced, Archive project.'
      : undefined,
};

const HALF: Left = {
  key: 'half',
  of: PROJECT,
  tell({
    sourceType,
    projectId,
    attemptedAt,
    claimedFullPath,
    destinationFullPath,
    arrivedBefore = false,
    trackers,
  }) {
    const isWhole = arrivedBefore || trackers.project_import?.status === 'finished';
    if (sourceType !== 'project_entity' || isWhole) return undefined;
    if (projectId !== null) {
      return messageText({
        before: "The destination was still filling the project '",
        quoted: destinationFullPath ?? '',
        after: `' (id ${projectId}) when its migration was ended. It is there, perhaps in part. Delete it before you import it again.`,
      });
    }
    if (attemptedAt === null) return undefined;
    return messageText({
      before: "The destination was asked to make the project '",
      quoted: claimedFullPath ?? '',
      after:
        "' when its migration was ended, and may have made it. Look for it, and delete it before you import it again.",
    });
  },
};

/** What is set after the projects of a group, by the relation that sets it. */
export const PARKED_SETTINGS: Readonly<Record<string, string>> = {
  group_attributes: 'membership_lock',
  project_creation_level: 'project_creation_level',
};

const UNLOCKED: Left = {
  key: 'unlocked',
  of: GROUP,
  tell({ trackers }) {
    const names = Object.keys(PARKED_SETTINGS).filter(name => trackers[name]?.parked);
    if (names.length === 0) return undefined;
    const settings = names.map(name => PARKED_SETTINGS[name]).join(' and ');
    return `The group gets ${settings} when its projects have been migrated, and its import ended before that, so that it is more open than at the source. Set it in the group's settings by hand.`;
  },
};

const ALL: readonly Left[] = [UNARCHIVED, HALF, UNLOCKED];

/** Whether an entity that ends now leaves something at the destination as it should not stay; one of a plan never does. */
export function leavesBehind(entity: Ended): boolean {
  return !onlyLooks(entity) && ALL.some(left => left.tell(entity) !== undefined);
}

/**
 * Writes the failures of an entity that ends before its time: a project that is left in part, or still to be archived
 * again, or a group that is not closed yet. Called before it ends; nothing for any other entity, and the same rows
 * however often.
 */
export async function recordLeftBehind(entity: Ended, correlationId: string): Promise<void> {
  if (!leavesBehind(entity)) return;
  for (const left of ALL) await record(left, entity, correlationId);
}

/** The same of an entity that has come to its own end, whose other failures say what became of its project. */
export function recordLeftUnarchived(entity: Ended, correlationId: string): Promise<void> {
  return record(UNARCHIVED, entity, correlationId);
}

const EXCEPTION = 'BulkImports::IncompleteRecordError';

async function record({ key, of, tell }: Left, entity: Ended, correlationId: string): Promise<void> {
  const message = tell(entity);
  if (message === undefined) return;
  // For whoever looks at it next: rows are read only then.
  entity.failuresRecorded = true;
  const { relation, pipelineClass } = of;
  const failure = { key, relation, pipelineClass, step: 'loader', exceptionClass: EXCEPTION } as const;
  const told = { ...failure, exceptionMessage: message, sourceTitle: entity.sourceFullPath };
  await recordEntityFailure(entity, told, correlationId);
}
