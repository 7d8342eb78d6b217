import { UnsupportedByDestinationError } from '../domain/errors.ts';
import { messageText } from '../domain/failure-message.ts';
import { oncePerRun } from '../engine/once-per-run.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { getProject, type Project, unarchiveProject } from '../gitlab/api/projects.ts';
import { isRefusal } from '../gitlab/client-errors.ts';

/** The project at the source: read once per run, for whichever of its relations asks first. */
export const sourceProject = oncePerRun(
  ({ entity, source }: PipelineContext): Promise<Project> => getProject(source, entity.sourceId),
);

/** The project at the destination as it was found, likewise. */
export const foundProject = oncePerRun(
  ({ destination, target }: PipelineContext): Promise<Project> => getProject(destination, target().id),
);

/**
 * The project at the destination as it was found, ready to be written into: one that came archived is unarchived, for its
 * relations that run side by side once, when the first of them has something to write. The finisher archives it again; whatever ends the entity before it says so.
 *
 * @throws UnsupportedByDestinationError when it is archived and stays so
 */
export async function writableProject(context: PipelineContext): Promise<Project> {
  const found = await writableOrNot(context);
  if (found instanceof UnsupportedByDestinationError) throw found;
  return found;
}

/** A refusal is remembered, too: it is the same for each record that is to be written. */
const writableOrNot = oncePerRun((context: PipelineContext) =>
  findWritable(context).catch((error: unknown) => {
    if (error instanceof UnsupportedByDestinationError) return error;
    throw error;
  }),
);

async function findWritable(context: PipelineContext): Promise<Project> {
  const { destination, noteOnEntity, save } = context;
  const found = await foundProject(context);
  if (found.archived !== true) return found;
  // Before it is unarchived: a run that dies over it leaves word of it.
  noteOnEntity({ awaitsArchiving: true });
  await save();
  try {
    // Its response shows less than a look at the project does.
    return { ...found, ...(await unarchiveProject(destination, found.id)) };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    noteOnEntity({ awaitsArchiving: false });
    const message = messageText({
      before:
        'The project came archived, and the destination refused to unarchive it, so that nothing more can be written into it: ',
      quoted: error.reason.replace(/\.+$/, ''),
      after: '. Import it again with a token of an Owner of its group.',
    });
    throw new UnsupportedByDestinationError(message, { cause: error });
  }
}
