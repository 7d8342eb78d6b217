import { UnsupportedByDestinationError } from '../domain/errors.ts';
import { messageText } from '../domain/failure-message.ts';
import { FINISHER } from '../engine/left-behind.ts';
import { isFailureOf } from '../engine/record-failures.ts';
import { onlyPage, type PipelineContext, type Relation } from '../engine/relation.ts';
import { clearArchiveOf } from '../engine/remove-archive.ts';
import { archiveProject, getProject } from '../gitlab/api/projects.ts';
import { isRefusal } from '../gitlab/client-errors.ts';
import { findArchive } from '../store/archives.ts';
import { listFailures } from '../store/failures.ts';
import { isLeftByImport, removeMembership } from './importer-membership.ts';
import { sourceProject } from './projects-of-entity.ts';
import { awaitsRepair } from './repairs.ts';

/** Something that is done last. */
interface Step {
  key: string;
  /** Looks whether it is still to be done. */
  isOpen(context: PipelineContext): Promise<boolean>;
  act(context: PipelineContext): Promise<void>;
}

/** In this order: nobody changes the members of what is archived, and the archive goes when nobody needs it any more. */
const STEPS: readonly Step[] = [
  { key: 'membership', isOpen: isToBeRemoved, act: removeMembership },
  { key: 'archived', isOpen: isToBeArchived, act: archiveAgain },
  {
    key: 'archive',
    isOpen: async ({ entity }) => (await findArchive(entity.importId, entity.id)) !== undefined,
    // A store in trouble holds up no entity: what is left is removed with the end of the entity, or by the reconciler.
    act: ({ entity }) => clearArchiveOf(entity),
  },
];

/**
 * What comes after all other relations of a project: the membership that GitLab's import has given the importing user is
 * removed, the project is archived if it is so at the source, and its archive leaves our store. Each is one record, so
 * that none of them waits for, or fails with, another.
 */
export const finisher: Relation<Step, Step, undefined> = {
  ...FINISHER,
  inRetries: 'again',
  parallel: 1,

  read: async () => onlyPage([...STEPS]),
  existing: async () => undefined,
  nameOf: ({ key }, { entity }) => ({ key, title: entity.sourceFullPath }),
  want: step => step,
  isAbout: ({ target }, { key }) => key === (target === 'Member' ? 'membership' : 'archived'),
  decide: async (step, _, context) => ((await step.isOpen(context)) ? 'create' : 'keep'),
  create: (step, context) => step.act(context),
};

/** A repair needs the membership: GitLab removes all members of a project whose first one does not import into it. */
async function isToBeRemoved(context: PipelineContext): Promise<boolean> {
  return !(await awaitsRepair(context)) && (await isLeftByImport(context));
}

/** Whether the project came archived and was unarchived for us, or is archived at the source, and is not so here. */
async function isToBeArchived(context: PipelineContext): Promise<boolean> {
  const { destination, noteOnEntity, target } = context;
  if (!(await isArchivingOwed(context))) return false;
  const { archived } = await getProject(destination, target().id);
  if (archived !== true) return true;
  noteOnEntity({ awaitsArchiving: false });
  return false;
}

/** What had arrived in an earlier attempt, and people have unarchived since, stays so. */
async function isArchivingOwed(context: PipelineContext): Promise<boolean> {
  const { awaitsArchiving, arrivedBefore, importId, id } = context.entity;
  if (awaitsArchiving === true) return true;
  if (arrivedBefore === true) {
    const failures = await listFailures(importId, id);
    if (!failures.some(isFailureOf(FINISHER.name))) return false;
  }
  return (await sourceProject(context)).archived === true;
}

async function archiveAgain({ destination, noteOnEntity, target }: PipelineContext): Promise<void> {
  const problem = await archiveProject(destination, target().id).then(
    ({ archived }) => (archived === true ? undefined : new UnsupportedByDestinationError(IGNORED)),
    refusal,
  );
  // A problem is told here, and not once more at the end of the entity.
  noteOnEntity({ awaitsArchiving: false });
  if (problem !== undefined) throw problem;
}

/** What is told of a refusal. @throws whatever is none */
function refusal(error: unknown): Error {
  if (!isRefusal(error)) throw error;
  const message = messageText({ ...REFUSED, quoted: error.reason.replace(/\.+$/, '') });
  return new UnsupportedByDestinationError(message, { cause: error });
}

const BY_HAND = 'Have an Owner of its group archive it there: Settings, General, Advanced, Archive project.';
const IGNORED = `The project is archived at the source, and the destination took the request to archive it and did not. ${BY_HAND}`;
const REFUSED = {
  before: 'The project is archived at the source, and the destination refused to archive it: ',
  after: `. ${BY_HAND}`,
};
