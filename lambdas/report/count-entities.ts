import { excludedNames } from '../domain/choices.ts';
import { onlyLooks } from '../domain/kinds.ts';
import { STATUSES, type Status } from '../domain/statuses.ts';
import { type Changes, NO_ARCHIVES, withArchive } from '../store/changes.ts';
import { heldKey } from '../store/children.ts';
import { type Entity, isSome } from '../store/entity.ts';
import type { Import } from '../store/imports.ts';
import { addFigures, NO_FIGURES } from './figures.ts';
import { hasRecords, relationName } from './relation-names.ts';
import type { NotMigrated, RelationFigures, Report, ReportedEntity } from './report.ts';
import { Skips } from './skips.ts';
import { type VerifiedEntity, verifiedFigures } from './verification.ts';

type Tallied = Pick<Report, 'statuses' | 'relations' | 'archives' | 'skips' | 'notMigrated'>;

/** Adds up the entities of an import, or of a plan, as they are read. */
export class EntityTally {
  readonly entities = new Map<number, ReportedEntity>();
  readonly #status: Status;
  readonly #statuses = Object.fromEntries(STATUSES.map(status => [status, 0])) as Record<Status, number>;
  readonly #relations = new Map<string, RelationFigures>();
  readonly #skips = new Skips();
  readonly #notMigrated = new Map<string, NotMigrated>();
  /** Of what is known from the import itself what it has not migrated: groups and projects by their ids at the source. */
  readonly #told = new Set<string>();

  #archives = NO_ARCHIVES;
  readonly #isPlan: boolean;

  constructor({ status, kind }: Pick<Import, 'status' | 'kind'>) {
    this.#status = status;
    this.#isPlan = kind === 'plan';
  }

  /** @param verified what a verification would have done about it, by relation */
  add(entity: Entity, verified: VerifiedEntity['changes'] = {}): void {
    const relations = figuresOf(entity, verified);
    // Canceling an import cancels all of its entities at once, though they are written one by one.
    const status = this.#status === 'canceled' ? 'canceled' : entity.status;
    this.entities.set(entity.id, {
      id: entity.id,
      type: entity.sourceType === 'group_entity' ? 'group' : 'project',
      status,
      sourceFullPath: entity.sourceFullPath,
      destinationFullPath: entity.destinationFullPath,
      relations,
      archiveBytes: entity.archiveBytes ?? null,
      problems: 0,
    });
    this.#statuses[status] += 1;
    for (const figures of relations) this.#addFigures(figures);
    this.#skips.add(entity);
    if (entity.sourceType === 'project_entity') {
      this.#archives = withArchive(this.#archives, entity.archiveBytes);
    }
    for (const name of excludedNames(entity.sourceType, entity.relations)) this.#addNotMigrated(name, null);
    if (entity.notMigrated !== undefined) this.#told.add(heldKey(entity));
    for (const [name, count] of Object.entries(entity.notMigrated ?? {})) this.#addNotMigrated(name, count);
  }

  /**
   * Adds what a plan has said of one of its entities, to the relation as a whole: its entities are others. What it has counted
   * of what is not migrated is added where the import has not counted that.
   */
  addPlanned(planned: Pick<Entity, 'changes' | 'notMigrated' | 'sourceType' | 'sourceId'>): void {
    const { changes = {}, notMigrated = {} } = planned;
    for (const [relation, planned] of Object.entries(changes)) {
      if (hasRecords(relation)) this.#addFigures({ ...NO_FIGURES, relation, planned });
    }
    if (this.#told.has(heldKey(planned))) return;
    for (const [name, count] of Object.entries(notMigrated)) this.#addNotMigrated(name, count);
  }

  tallied(): Tallied {
    return {
      statuses: this.#statuses,
      relations: [...this.#relations.values()].sort(byName),
      archives: this.#isPlan ? this.#archives : null,
      skips: this.#skips.list(),
      notMigrated: [...this.#notMigrated.values()],
    };
  }

  #addFigures(figures: RelationFigures): void {
    const known = this.#relations.get(figures.relation) ?? { ...NO_FIGURES, relation: figures.relation };
    addFigures(known, figures);
    this.#relations.set(figures.relation, known);
  }

  #addNotMigrated(relation: string, source: number | null): void {
    const known = this.#notMigrated.get(relation) ?? { relation, source: null, entities: 0 };
    known.entities += 1;
    if (source !== null) known.source = (known.source ?? 0) + source;
    this.#notMigrated.set(relation, known);
  }
}

/** What the relations are in comes first, then as people look for them. */
function byName({ relation: one }: RelationFigures, { relation: other }: RelationFigures): number {
  const first = (relation: string) => Number(['group', 'project'].includes(relation));
  return first(other) - first(one) || relationName(one).localeCompare(relationName(other), 'en');
}

function figuresOf(entity: Entity, verified: Readonly<Record<string, Changes>>): RelationFigures[] {
  const { stats, changes = {} } = entity;
  // That a relation which has no records was read again goes without saying.
  const found = Object.keys(verified).filter(name => isSome(verified[name] ?? {}));
  const names = new Set([...Object.keys(stats), ...found, ...Object.keys(changes)]);
  return [...names].filter(hasRecords).map(relation => {
    const planned = changes[relation] ?? null;
    const { source = 0, imported = 0, skipped = 0, failed = 0 } = stats[relation] ?? {};
    const found = verified[relation];
    const counted = { relation, verified: found === undefined ? null : verifiedFigures(found), planned };
    if (!onlyLooks(entity)) return { ...counted, source, imported, skipped, failed };
    // What a plan has dealt with is nowhere. Of what is in an archive it has no counts but these.
    const foreseen = Object.values(planned ?? {}).reduce((sum, count) => sum + count, 0);
    return { ...counted, source: Math.max(source, foreseen), imported: 0, skipped: 0, failed: 0 };
  });
}
