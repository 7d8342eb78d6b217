import type { Entity } from '../store/entity.ts';
import type { PipelineContext } from './relation.ts';

/**
 * Something that is read once per run of an entity, for whichever of its relations asks first. Whoever asks again after
 * trouble has it read again.
 */
export function oncePerRun<Context extends Pick<PipelineContext, 'entity'>, Result>(
  read: (context: Context) => Promise<Result>,
): (context: Context) => Promise<Result> {
  // By the entity as a run has it, so that each run reads anew.
  const known = new WeakMap<Entity, Promise<Result>>();
  return context => {
    const before = known.get(context.entity);
    if (before !== undefined) return before;
    const result = read(context);
    known.set(context.entity, result);
    result.catch(() => known.delete(context.entity));
    return result;
  };
}
