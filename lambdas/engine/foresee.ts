import type { Decided, Fared } from './attempt.ts';
import { foreseen } from './planned.ts';
import { Change, type PipelineContext, type Relation } from './relation.ts';

/** What a run that only looks makes of what was decided about a record. */
export async function foresee<Source, Wanted, Existing>(
  relation: Relation<Source, Wanted, Existing>,
  context: PipelineContext,
  existing: Existing,
  decided: Decided<Wanted>,
): Promise<Fared> {
  if (!('decision' in decided)) {
    const isKept = decided.outcome === 'imported';
    return isKept ? { outcome: 'imported', foreseen: foreseen('unchanged', { writes: 0 }) } : decided;
  }
  const { wanted, decision } = decided;
  try {
    const { outlook } = relation.planned ?? {};
    const { problem, ...more } = (await outlook?.(wanted, decision, context, existing)) ?? { writes: 1 };
    if (problem !== undefined) {
      return { outcome: 'failed', step: 'loader', error: problem, foreseen: foreseen('blocked', more) };
    }
    return {
      outcome: 'imported',
      foreseen: foreseen(decision instanceof Change ? 'update' : 'create', more),
    };
  } catch (error) {
    return { outcome: 'failed', step: 'loader', error };
  }
}
