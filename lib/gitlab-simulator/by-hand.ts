import type { GitLabInstance } from './instance.ts';
import { ACCESS_LEVELS, type AccessLevel, type SampleGroup } from './model.ts';
import type { SampleProject } from './project-model.ts';

/** A group or a project. */
export type SampleTarget =
  | { kind: 'group'; record: SampleGroup }
  | { kind: 'project'; record: SampleProject };

/** Puts back what was done, as it was. Throws when something else stands there by now. */
export type PutBack = () => void;

/**
 * What people do with groups and projects on GitLab's own pages, or its administrator for them, where nobody's token and
 * no request is asked for. Each act says how to put it back, ids included.
 */
export class ByHand {
  readonly #instance: GitLabInstance;

  constructor(instance: GitLabInstance) {
    this.#instance = instance;
  }

  /** Changes the path, in the same place. */
  rename(target: SampleTarget, path: string): PutBack {
    const { path: before } = target.record;
    this.#setPath(target, path);
    return () => this.#setPath(target, before);
  }

  /** Transfers it into a group. Throws when its path is taken there. */
  move(target: SampleTarget, to: SampleGroup): PutBack {
    const before = this.#placeOf(target);
    this.#setPlace(target, to);
    return () => this.#setPlace(target, before);
  }

  /**
   * Schedules its deletion. GitLab shows that of the very group or project, and of nothing inside of it; since 18.0, and
   * of projects also before, it gives up its path.
   */
  scheduleDeletion(target: SampleTarget): PutBack {
    const { record } = target;
    const isNew = this.#instance.versionAtLeast('18.0');
    const suffix = isNew ? '-deletion_scheduled' : '-deleted';
    const putBack =
      isNew || target.kind === 'project'
        ? this.rename(target, `${record.path}${suffix}-${record.id}`)
        : undefined;
    record.markedForDeletionOn = new Date().toISOString().slice(0, 10);
    return () => {
      record.markedForDeletionOn = null;
      putBack?.();
    };
  }

  /** Deletes it for good, with all that is inside; it comes back as from a backup. */
  remove(target: SampleTarget): PutBack {
    if (target.kind === 'project') {
      const group = this.#instance.groupOfProject(target.record);
      this.#instance.removeProject(target.record);
      return () => this.#instance.insertProject(group, target.record);
    }
    const groups = [target.record, ...this.#instance.descendantsOf(target.record)];
    this.#instance.removeGroup(target.record);
    return () => {
      for (const group of groups) {
        const projects = group.projects.splice(0);
        this.#instance.insertGroup(group);
        for (const project of projects) this.#instance.insertProject(group, project);
      }
    };
  }

  /** Gives somebody another level in all of these groups, and their projects, of which they are members. */
  demote(
    username: string,
    groups: readonly SampleGroup[],
    level: AccessLevel = ACCESS_LEVELS.guest,
  ): PutBack {
    const userId = this.#instance.userByUsername(username)?.id;
    const members = groups
      .flatMap(group => [group, ...group.projects])
      .flatMap(source => source.members.filter(member => member.userId === userId));
    const before = members.map(({ accessLevel }) => accessLevel);
    for (const member of members) member.accessLevel = level;
    return () => {
      for (const [index, member] of members.entries()) member.accessLevel = before[index] as AccessLevel;
    };
  }

  #setPath(target: SampleTarget, path: string): void {
    const { record } = target;
    const place = this.#placeOf(target);
    this.#checkFree(place, path);
    if (target.kind === 'group') this.#instance.renameGroup(target.record, record.name, path);
    else this.#instance.renameProject(target.record, record.name, path);
  }

  #placeOf(target: SampleTarget): SampleGroup | undefined {
    if (target.kind === 'group') return this.#instance.parentOf(target.record);
    return this.#instance.groupOfProject(target.record);
  }

  #setPlace(target: SampleTarget, to: SampleGroup | undefined): void {
    this.#checkFree(to, target.record.path);
    if (target.kind === 'group') this.#instance.moveGroup(target.record, to);
    else if (to !== undefined) this.#instance.moveProject(target.record, to);
  }

  #checkFree(place: SampleGroup | undefined, path: string): void {
    const fullPath = this.#instance.fullPathOf(place, path);
    if (this.#instance.pathTaken(fullPath)) throw new Error(`the path '${fullPath}' is taken`);
  }
}
