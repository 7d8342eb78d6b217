import { UnsupportedByDestinationError } from '../domain/errors.ts';
import { messageText } from '../domain/failure-message.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { getProject, type Project, unarchiveProject } from '../gitlab/api/projects.ts';
import { isRefusal } from '../gitlab/client-errors.ts';
import type { Entity } from '../store/entity.ts';

/** Both by the entity as a run has it, so that each run looks anew. */
const sources = new WeakMap<Entity, Promise<Project>>();
const writables = new WeakMap<Entity, Promise<Project>>();

/** The project at the source: read once per run, for whichever of its relations asks first. */
export function sourceProject({ entity, source }: PipelineContext): Promise<Project> {
  return onceFor(entity, sources, () => getProject(source, entity.sourceId));
}

/**
 * The project at the destination as it was found, ready to be written into: one that came archived is unarchived, for its
 * relations that run side by side once. The finisher archives it again.
 *
 * @throws UnsupportedByDestinationError when it is archived and stays so
 */
export function writableProject(context: PipelineContext): Promise<Project> {
  return onceFor(context.entity, writables, () => findWritable(context));
}

function onceFor(
  entity: Entity,
  known: WeakMap<Entity, Promise<Project>>,
  read: () => Promise<Project>,
): Promise<Project> {
  const before = known.get(entity);
  if (before !== undefined) return before;
  const project = read();
  known.set(entity, project);
  // Whoever asks again after trouble asks the GitLab.
  project.catch(() => known.delete(entity));
  return project;
}

async function findWritable({ destination, target }: PipelineContext): Promise<Project> {
  const found = await getProject(destination, target().id);
  if (found.archived !== true) return found;
  try {
    // Its response shows less than a look at the project does.
    return { ...found, ...(await unarchiveProject(destination, found.id)) };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const message = messageText({
      before:
        'The project came archived, and the destination refused to unarchive it, so that nothing more can be written into it: ',
      quoted: error.reason.replace(/\.+$/, ''),
      after: '. Import it again with a token of an Owner of its group.',
    });
    throw new UnsupportedByDestinationError(message, { cause: error });
  }
}
