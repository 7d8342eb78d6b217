import type { ArchiveBehaviour } from './archives/behaviour.ts';
import { ProjectArchives } from './archives/project-archives.ts';
import type { SampleAvatar, SampleGroup, SampleToken, SampleUser, Visibility } from './model.ts';
import { ProjectIndex } from './project-index.ts';
import type { SampleProject } from './project-model.ts';
import { EndpointRateLimits } from './rate-limit.ts';
import { RecordIndex } from './record-index.ts';
import { isAtLeast, isEnterprise, type Release } from './versions.ts';

/** Where uploaded files are kept, and with that, what their download looks like. */
export type AvatarStorage = 'local' | 'redirect' | 'object';

export interface InstanceSettings extends Release {
  readonly edition: 'free' | 'premium';
  readonly directTransferEnabled: boolean;
  readonly restrictedVisibilityLevels: readonly Visibility[];
  readonly avatarStorage: AvatarStorage;
  readonly topLevelGroupsByApi: boolean;
  readonly memberApproval: boolean;
  readonly endpointRateLimits: boolean;
  readonly replicaLagMs: number;
  readonly countedRecords: number;
}

let instances = 0;

/** The data of one GitLab instance, with the look-ups which the API needs. Checks nothing. */
export class GitLabInstance {
  readonly settings: InstanceSettings;
  /** Base URL in all that the instance says of itself, known once the server listens. */
  url = '';
  /** A link of the object storage to a picture; there while the server listens and has such a storage. */
  signedLink: ((avatar: SampleAvatar) => string) | undefined;
  /** A link of the object storage to a file on the disk; there while the server listens. */
  signedFileLink: ((path: string) => Promise<string>) | undefined;
  readonly endpointLimits: EndpointRateLimits | undefined;
  readonly archives: ProjectArchives;
  readonly users = new Map<number, SampleUser>();
  readonly tokens = new Map<string, SampleToken>();
  readonly groups = new Map<number, SampleGroup>();
  readonly #projects = new ProjectIndex();
  readonly #usersByUsername = new Map<string, SampleUser>();
  readonly #groupsByPath = new Map<string, SampleGroup>();
  readonly #children = new Map<number | null, SampleGroup[]>();
  readonly #byName = new RecordIndex<SampleGroup, string>(group => group.name);
  // Two instances never give out the same id, nor does one instance give an id to records of two kinds: an id that
  // was carried over from the source to the destination is then noticed instead of hitting another record by chance.
  #lastId = instances++ * 1_000_000;

  constructor(settings: InstanceSettings, archives: Partial<ArchiveBehaviour> = {}) {
    this.settings = settings;
    this.archives = new ProjectArchives(archives, settings.endpointRateLimits);
    this.endpointLimits = settings.endpointRateLimits ? new EndpointRateLimits(settings) : undefined;
  }

  get enterprise(): boolean {
    return isEnterprise(this.settings);
  }

  get premium(): boolean {
    return this.enterprise && this.settings.edition === 'premium';
  }

  /** Whether the version is `minimum` ('15.2') or newer. */
  versionAtLeast(minimum: string): boolean {
    return isAtLeast(this.settings, minimum);
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  insertUser(user: SampleUser): void {
    this.users.set(user.id, user);
    this.#usersByUsername.set(user.username.toLowerCase(), user);
  }

  userByUsername(username: string): SampleUser | undefined {
    return this.#usersByUsername.get(username.toLowerCase());
  }

  insertGroup(group: SampleGroup): void {
    this.groups.set(group.id, group);
    this.#groupsByPath.set(group.fullPath.toLowerCase(), group);
    const siblings = this.#children.get(group.parentId) ?? [];
    siblings.push(group);
    this.#children.set(group.parentId, siblings);
  }

  groupByPath(fullPath: string): SampleGroup | undefined {
    return this.#groupsByPath.get(fullPath.toLowerCase());
  }

  /** `reference` is a numeric id or a full path; digits alone are always an id. */
  groupByReference(reference: string): SampleGroup | undefined {
    return /^\d+$/.test(reference) ? this.groups.get(Number(reference)) : this.groupByPath(reference);
  }

  parentOf(group: SampleGroup): SampleGroup | undefined {
    return group.parentId === null ? undefined : this.groups.get(group.parentId);
  }

  /** The group, its parent, and so on up to the top-level group. */
  selfAndAncestors(group: SampleGroup): SampleGroup[] {
    const line: SampleGroup[] = [];
    for (let at: SampleGroup | undefined = group; at; at = this.parentOf(at)) line.push(at);
    return line;
  }

  /** Direct subgroups; of `null`, the top-level groups. */
  childrenOf(parentId: number | null): readonly SampleGroup[] {
    return this.#children.get(parentId) ?? [];
  }

  descendantsOf(group: SampleGroup): SampleGroup[] {
    return this.childrenOf(group.id).flatMap(child => [child, ...this.descendantsOf(child)]);
  }

  childByName(parentId: number | null, name: string): SampleGroup | undefined {
    return this.#byName.find(this.childrenOf(parentId), name);
  }

  /** Whether reads show a group already: a replica gets to know of a new one only after its lag. */
  isReplicated(group: SampleGroup): boolean {
    return group.replicatedAt === undefined || group.replicatedAt <= Date.now();
  }

  /** Whether a group or a user has this full path already; upper and lower case are the same. */
  namespaceTaken(fullPath: string): boolean {
    return this.groupByPath(fullPath) !== undefined || this.userByUsername(fullPath) !== undefined;
  }

  /** Whether a group, a user or a project has this full path already; upper and lower case are the same. */
  pathTaken(fullPath: string): boolean {
    return this.namespaceTaken(fullPath) || this.projectByPath(fullPath) !== undefined;
  }

  /** Changes name and path, and with them the full paths of all descendants. */
  renameGroup(group: SampleGroup, name: string, path: string): void {
    group.name = name;
    this.#byName.forget(this.childrenOf(group.parentId));
    if (path === group.path) return;
    group.path = path;
    this.#setFullPath(group, this.fullPathOf(this.parentOf(group), path));
  }

  /** Changes the group above, which is none for the top level, and with it the full paths of all descendants. */
  moveGroup(group: SampleGroup, parent: SampleGroup | undefined): void {
    const siblings = this.childrenOf(group.parentId).filter(sibling => sibling !== group);
    this.#children.set(group.parentId, siblings);
    group.parentId = parent?.id ?? null;
    this.#children.set(group.parentId, [...this.childrenOf(group.parentId), group]);
    this.#setFullPath(group, this.fullPathOf(parent, group.path));
  }

  removeGroup(group: SampleGroup): void {
    for (const removed of [group, ...this.descendantsOf(group)]) {
      for (const project of removed.projects) this.#projects.remove(project);
      this.groups.delete(removed.id);
      this.#groupsByPath.delete(removed.fullPath.toLowerCase());
      this.#children.delete(removed.id);
    }
    const siblings = this.childrenOf(group.parentId).filter(sibling => sibling !== group);
    this.#children.set(group.parentId, siblings);
  }

  insertProject(group: SampleGroup, project: SampleProject): void {
    group.projects.push(project);
    this.#projects.insert(group.id, project);
  }

  projectById(id: number): SampleProject | undefined {
    return this.#projects.find(id);
  }

  /** The project that has this full path now; upper and lower case are the same. */
  projectByPath(fullPath: string): SampleProject | undefined {
    const slash = fullPath.lastIndexOf('/');
    const group = this.groupByPath(fullPath.slice(0, Math.max(0, slash)));
    return group && this.#projects.byPath(group.id, fullPath.slice(slash + 1));
  }

  /** As for groups; a full path that a renamed project had leads to that project unless somebody else has it now. */
  projectByReference(reference: string): SampleProject | undefined {
    if (/^\d+$/.test(reference)) return this.projectById(Number(reference));
    const found = this.projectByPath(reference);
    if (found || this.namespaceTaken(reference)) return found;
    return this.#projects.movedFrom(reference);
  }

  projectByName(group: SampleGroup, name: string): SampleProject | undefined {
    return this.#projects.byName(group.id, name);
  }

  projects(): SampleProject[] {
    return this.#projects.all();
  }

  /** The group that a project is in. Throws for one that was removed. */
  groupOfProject(project: SampleProject): SampleGroup {
    const group = this.groups.get(this.#projects.groupIdOf(project) ?? 0);
    if (!group) throw new Error(`the project ${project.id} is in no group`);
    return group;
  }

  projectPath(project: SampleProject): string {
    return `${this.groupOfProject(project).fullPath}/${project.path}`;
  }

  renameProject(project: SampleProject, name: string, path: string): void {
    this.#projects.rename(project, { name, path }, this.projectPath(project));
  }

  moveProject(project: SampleProject, to: SampleGroup): void {
    this.removeProject(project);
    this.insertProject(to, project);
  }

  removeProject(project: SampleProject): void {
    const { projects } = this.groupOfProject(project);
    projects.splice(projects.indexOf(project), 1);
    this.#projects.remove(project);
  }

  fullPathOf(parent: SampleGroup | undefined, path: string): string {
    return parent ? `${parent.fullPath}/${path}` : path;
  }

  #setFullPath(group: SampleGroup, fullPath: string): void {
    this.#groupsByPath.delete(group.fullPath.toLowerCase());
    group.fullPath = fullPath;
    this.#groupsByPath.set(fullPath.toLowerCase(), group);
    for (const child of this.childrenOf(group.id)) this.#setFullPath(child, `${fullPath}/${child.path}`);
  }
}
