import type { Entity } from '../store/entity.ts';
import type { WaitProgress } from './progress.ts';

const byName = ([a]: [string, unknown], [b]: [string, unknown]) => a.localeCompare(b);

/** A wait whose time has come is over: it is tried again. */
export function waitsOf({ waiting }: Entity, now: string): WaitProgress[] {
  const waits = new Map<string, WaitProgress>();
  for (const [relation, { instance, reason, until }] of Object.entries(waiting).sort(byName)) {
    if (until <= now) continue;
    const others = waits.get(`${instance} ${reason}`);
    waits.set(`${instance} ${reason}`, {
      instance,
      reason,
      until: others !== undefined && others.until > until ? others.until : until,
      relations: [...(others?.relations ?? []), relation],
    });
  }
  return [...waits.values()].sort((a, b) => a.until.localeCompare(b.until));
}
