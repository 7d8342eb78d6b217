import {
  type Changes,
  NO_ARCHIVES,
  NOTHING_FORESEEN,
  type PlanTotals,
  sumChanges,
  sumForeseen,
  withArchive,
} from '../store/changes.ts';
import { sumCounts } from '../store/counts.ts';
import type { Entity } from '../store/entity.ts';
import { findLoads } from '../store/gitlab-loads.ts';
import type { Import } from '../store/imports.ts';
import { listPlanUsers, type PlanUser } from '../store/plan-users.ts';

/** What a plan comes to, added up entity by entity. */
export class PlanSum {
  #changes: Changes = sumChanges([]);
  #foreseen = NOTHING_FORESEEN;
  readonly #notMigrated: Record<string, number> = {};
  readonly #groups = { count: 0, records: 0 };
  #archives = NO_ARCHIVES;

  add({ changes = {}, trackers, notMigrated = {}, sourceType, stats, archiveBytes }: Entity): void {
    if (sourceType === 'group_entity') {
      this.#groups.count += 1;
      this.#groups.records += sumCounts(Object.values(stats)).source;
    } else this.#archives = withArchive(this.#archives, archiveBytes);
    this.#changes = sumChanges([this.#changes, ...Object.values(changes)]);
    const foreseen = Object.values(trackers).flatMap(tracker => tracker.foreseen ?? []);
    this.#foreseen = sumForeseen([this.#foreseen, ...foreseen]);
    for (const [relation, count] of Object.entries(notMigrated)) {
      this.#notMigrated[relation] = (this.#notMigrated[relation] ?? 0) + count;
    }
  }

  /** The sum, beside how much the destination allows, as far as the runs of the plan have seen that. */
  async totals({ id, destinationUrl }: Pick<Import, 'id' | 'destinationUrl'>): Promise<PlanTotals> {
    const [load] = await findLoads([destinationUrl]);
    const users = await listPlanUsers(id);
    const foundBy = (how: PlanUser['foundBy']) => users.filter(user => user.foundBy === how).length;
    const { writes, emails } = this.#foreseen;
    return {
      changes: this.#changes,
      writes,
      emails,
      users: { mapped: foundBy('mapping'), matched: foundBy('public_email'), unmatched: foundBy(null) },
      notMigrated: this.#notMigrated,
      archives: this.#archives,
      limit: load?.limit ?? 0,
      groups: this.#groups,
    };
  }
}
