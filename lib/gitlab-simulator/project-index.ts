import type { SampleProject } from './project-model.ts';

/** The projects of one instance, found by id, and by path and name inside their group. */
export class ProjectIndex {
  readonly #byId = new Map<number, SampleProject>();
  readonly #groupIds = new Map<number, number>();
  readonly #byPath = new Map<string, SampleProject>();
  readonly #byName = new Map<string, SampleProject>();
  /** Where projects were before they were renamed: full path in lower case, and id. */
  readonly #redirects = new Map<string, number>();

  insert(groupId: number, project: SampleProject): void {
    this.#byId.set(project.id, project);
    this.#groupIds.set(project.id, groupId);
    this.#byPath.set(pathKey(groupId, project.path), project);
    this.#byName.set(nameKey(groupId, project.name), project);
  }

  remove(project: SampleProject): void {
    this.#forgetNames(project);
    this.#byId.delete(project.id);
    this.#groupIds.delete(project.id);
  }

  /** Changes name and path; what asks for the old full path is led to the project until somebody else takes it. */
  rename(project: SampleProject, { name, path }: { name: string; path: string }, oldFullPath: string): void {
    const groupId = this.groupIdOf(project);
    this.#forgetNames(project);
    if (path !== project.path) this.#redirects.set(oldFullPath.toLowerCase(), project.id);
    project.name = name;
    project.path = path;
    if (groupId !== undefined) this.insert(groupId, project);
  }

  find(id: number): SampleProject | undefined {
    return this.#byId.get(id);
  }

  all(): SampleProject[] {
    return [...this.#byId.values()];
  }

  groupIdOf(project: SampleProject): number | undefined {
    return this.#groupIds.get(project.id);
  }

  /** Upper and lower case are the same. */
  byPath(groupId: number, path: string): SampleProject | undefined {
    return this.#byPath.get(pathKey(groupId, path));
  }

  byName(groupId: number, name: string): SampleProject | undefined {
    return this.#byName.get(nameKey(groupId, name));
  }

  /** The project that had the full path before. */
  movedFrom(fullPath: string): SampleProject | undefined {
    const id = this.#redirects.get(fullPath.toLowerCase());
    return id === undefined ? undefined : this.find(id);
  }

  #forgetNames(project: SampleProject): void {
    const groupId = this.groupIdOf(project);
    if (groupId === undefined) return;
    this.#byPath.delete(pathKey(groupId, project.path));
    this.#byName.delete(nameKey(groupId, project.name));
  }
}

const pathKey = (groupId: number, path: string) => `${groupId}/${path.toLowerCase()}`;
const nameKey = (groupId: number, name: string) => `${groupId}/${name}`;
