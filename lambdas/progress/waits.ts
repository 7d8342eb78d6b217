import type { Entity } from '../store/entity.ts';
import type { ImportWait, WaitProgress } from './progress.ts';

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

/** What entities wait for, together where it is the same, those that most wait for first. */
export function sumWaits(entities: Entity[], now: string): ImportWait[] {
  const waits = new Map<string, ImportWait>();
  for (const wait of entities.flatMap(entity => waitsOf(entity, now))) {
    const others = waits.get(`${wait.instance} ${wait.reason}`);
    waits.set(`${wait.instance} ${wait.reason}`, {
      ...wait,
      until: others !== undefined && others.until > wait.until ? others.until : wait.until,
      relations: [...new Set([...(others?.relations ?? []), ...wait.relations])].sort(),
      entities: (others?.entities ?? 0) + 1,
    });
  }
  return [...waits.values()].sort((a, b) => b.entities - a.entities);
}
