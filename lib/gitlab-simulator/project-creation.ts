import { createHash } from 'node:crypto';
import type { GitLabInstance } from './instance.ts';
import { isAccessLevel } from './memberships.ts';
import type { SampleGroup, SampleUser } from './model.ts';
import type {
  SampleLeftOut,
  SampleProject,
  SampleProjectContents,
  SampleProjectSeed,
  SampleProjectSettings,
} from './project-model.ts';

const DEFAULT_LABEL_COLOR = '#6699cc';

const DEFAULT_SETTINGS: SampleProjectSettings = {
  lfsEnabled: true,
  emailsEnabled: true,
  squashOption: 'default_off',
  issuesAccessLevel: 'enabled',
  repositoryAccessLevel: 'enabled',
  mergeRequestsAccessLevel: 'enabled',
  wikiAccessLevel: 'enabled',
  buildsAccessLevel: 'enabled',
  snippetsAccessLevel: 'enabled',
  forkingAccessLevel: 'enabled',
  buildTimeout: 3600,
  autoCancelPendingPipelines: 'enabled',
  ciDefaultGitDepth: 20,
  ciForwardDeploymentEnabled: true,
  keepLatestArtifact: true,
  publicJobs: true,
  ciConfigPath: null,
  sharedRunnersEnabled: true,
  topics: [],
};

/** The contents of a project in which there is nothing yet. */
export function noContents(): SampleProjectContents {
  return {
    labels: [],
    milestones: [],
    issues: [],
    mergeRequests: [],
    releases: [],
    pipelines: [],
    snippets: [],
    protectedBranches: [],
    protectedTags: [],
    branches: [],
    tags: [],
    wikiPages: [],
    lfsObjects: [],
    uploads: [],
    variables: [],
    hooks: [],
  };
}

const NOTHING_LEFT_OUT = (): SampleLeftOut => ({
  deployKeys: [],
  environments: [],
  featureFlags: [],
  containerRepositories: [],
  packages: [],
});

/** Stores a new project in a group; everything has been validated before. */
export function createProject(
  instance: GitLabInstance,
  group: SampleGroup,
  attributes: Pick<SampleProject, 'name' | 'path' | 'creatorId'> & Partial<SampleProject>,
): SampleProject {
  const project: SampleProject = {
    description: '',
    visibility: group.visibility,
    archived: false,
    defaultBranch: null,
    markedForDeletionOn: null,
    forkedFromId: null,
    avatar: undefined,
    members: [],
    leftOut: NOTHING_LEFT_OUT(),
    import: { status: 'none', type: null, correlationId: null, error: null, failedRelations: [] },
    relationImports: [],
    ...noContents(),
    ...attributes,
    settings: { ...DEFAULT_SETTINGS, ...attributes.settings },
    id: instance.nextId(),
    createdAt: new Date().toISOString(),
  };
  instance.insertProject(group, project);
  return project;
}

/** Stores a project of a seed. Throws on a path or name that is taken and on users who do not exist. */
export function seedProject(
  instance: GitLabInstance,
  group: SampleGroup,
  seed: SampleProjectSeed,
): SampleProject {
  const fullPath = `${group.fullPath}/${seed.path}`;
  if (instance.pathTaken(fullPath)) throw new Error(`the path '${fullPath}' is taken`);
  if (instance.projectByName(group, seed.name))
    throw new Error(`the name '${seed.name}' is taken in '${group.fullPath}'`);
  const creator = group.members[0]?.userId ?? [...instance.users.keys()][0] ?? 0;
  const branches = (seed.branches ?? []).map(refOf);
  const project = createProject(instance, group, {
    name: seed.name,
    path: seed.path,
    creatorId: creator,
    description: seed.description ?? '',
    ...(seed.visibility !== undefined && { visibility: seed.visibility }),
    archived: seed.archived ?? false,
    defaultBranch: seed.defaultBranch ?? (branches.length > 0 ? 'main' : null),
    markedForDeletionOn: seed.markedForDeletionOn ?? null,
    forkedFromId: seed.forkedFromId ?? null,
    settings: { ...DEFAULT_SETTINGS, ...seed.settings },
    avatar: seed.avatar,
    branches,
    tags: (seed.tags ?? []).map(refOf),
    protectedBranches: seed.protectedBranches ?? [],
    protectedTags: seed.protectedTags ?? [],
    variables: seed.variables ?? [],
    hooks: seed.hooks ?? [],
    leftOut: { ...NOTHING_LEFT_OUT(), ...seed.leftOut },
  });
  const now = new Date().toISOString();
  const author = (username: string | undefined) =>
    username === undefined ? creator : userOf(instance, username).id;
  project.members = (seed.members ?? []).map(({ username, accessLevel, expiresAt }) => {
    if (!isAccessLevel(instance, accessLevel)) {
      throw new Error(`GitLab ${instance.settings.version} has no access level ${accessLevel}`);
    }
    return {
      id: instance.nextId(),
      userId: userOf(instance, username).id,
      accessLevel,
      expiresAt: expiresAt ?? null,
      createdById: null,
      createdAt: now,
      updatedAt: now,
    };
  });
  project.labels = (seed.labels ?? []).map(({ title, color, description }) => ({
    id: instance.nextId(),
    title,
    color: color ?? DEFAULT_LABEL_COLOR,
    description: description ?? null,
  }));
  project.milestones = (seed.milestones ?? []).map(({ title, description, state }, index) => ({
    id: instance.nextId(),
    iid: index + 1,
    title,
    description: description ?? '',
    state: state ?? 'active',
  }));
  project.issues = (seed.issues ?? []).map((issue, index) => ({
    id: instance.nextId(),
    iid: index + 1,
    title: issue.title,
    description: issue.description ?? '',
    authorId: author(issue.author),
    labels: issue.labels ?? [],
    milestone: issue.milestone ?? null,
    notes: (issue.notes ?? []).map(body => ({ body, authorId: author(issue.author) })),
    createdAt: now,
    state: issue.state ?? 'opened',
    confidential: issue.confidential ?? false,
  }));
  project.mergeRequests = (seed.mergeRequests ?? []).map((request, index) => ({
    id: instance.nextId(),
    iid: index + 1,
    title: request.title,
    description: '',
    authorId: author(request.author),
    labels: request.labels ?? [],
    milestone: request.milestone ?? null,
    notes: (request.notes ?? []).map(body => ({ body, authorId: author(request.author) })),
    createdAt: now,
    state: request.state ?? 'opened',
    sourceBranch: request.sourceBranch,
    targetBranch: request.targetBranch ?? project.defaultBranch ?? 'main',
  }));
  project.releases = (seed.releases ?? []).map(({ tag, name, description }) => ({
    tag,
    name: name ?? tag,
    description: description ?? '',
  }));
  project.pipelines = (seed.pipelines ?? []).map(({ ref, status }, index) => ({
    id: instance.nextId(),
    iid: index + 1,
    ref,
    sha: refOf(ref).sha,
    status: status ?? 'success',
  }));
  project.snippets = (seed.snippets ?? []).map(({ title, fileName, content }) => ({
    id: instance.nextId(),
    title,
    fileName: fileName ?? 'snippet.txt',
    content: content ?? title,
  }));
  project.wikiPages = (seed.wikiPages ?? []).map(({ path, content }) => ({
    path,
    bytes: Buffer.from(content),
  }));
  project.lfsObjects = (seed.lfsObjects ?? []).map(content => {
    const bytes = Buffer.from(content);
    return { path: createHash('sha256').update(bytes).digest('hex'), bytes };
  });
  project.uploads = (seed.uploads ?? []).map(({ path, bytes }) => ({ path, bytes }));
  return project;
}

/** A commit of its own for each name, the same at every GitLab. */
const refOf = (name: string) => ({ name, sha: createHash('sha1').update(name).digest('hex') });

function userOf(instance: GitLabInstance, username: string): SampleUser {
  const user = instance.userByUsername(username);
  if (!user) throw new Error(`there is no user '${username}'`);
  return user;
}
