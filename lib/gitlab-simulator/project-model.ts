import type { AccessLevel, SampleAvatar, SampleLabel, SampleMember, Visibility } from './model.ts';
import type { SampleFile, StoredFile } from './stored-file.ts';

/** Who may use a feature of a project. */
export type FeatureAccess = 'disabled' | 'private' | 'enabled';

/** Attributes of a project that a request can change, by GitLab's names in camel case. */
export interface SampleProjectSettings {
  lfsEnabled: boolean;
  emailsEnabled: boolean;
  squashOption: 'never' | 'always' | 'default_on' | 'default_off';
  issuesAccessLevel: FeatureAccess;
  repositoryAccessLevel: FeatureAccess;
  mergeRequestsAccessLevel: FeatureAccess;
  wikiAccessLevel: FeatureAccess;
  buildsAccessLevel: FeatureAccess;
  snippetsAccessLevel: FeatureAccess;
  forkingAccessLevel: FeatureAccess;
  /** Seconds. */
  buildTimeout: number;
  autoCancelPendingPipelines: 'enabled' | 'disabled';
  ciDefaultGitDepth: number;
  ciForwardDeploymentEnabled: boolean;
  keepLatestArtifact: boolean;
  publicJobs: boolean;
  ciConfigPath: string | null;
  sharedRunnersEnabled: boolean;
  topics: string[];
}

/** What issues and merge requests of the sample have in common. */
interface SampleIssuable {
  readonly id: number;
  /** Counts from 1 inside the project. */
  readonly iid: number;
  title: string;
  description: string;
  authorId: number;
  /** Titles of labels of the project or of a group above it. */
  labels: string[];
  /** Title of a milestone of the project or of a group above it. */
  milestone: string | null;
  notes: { body: string; authorId: number }[];
  readonly createdAt: string;
}

export interface SampleIssue extends SampleIssuable {
  state: 'opened' | 'closed';
  confidential: boolean;
}

export interface SampleMergeRequest extends SampleIssuable {
  state: 'opened' | 'closed' | 'merged';
  sourceBranch: string;
  targetBranch: string;
}

export interface SampleProjectMilestone {
  readonly id: number;
  readonly iid: number;
  title: string;
  description: string;
  state: 'active' | 'closed';
}

export interface SampleRelease {
  tag: string;
  name: string;
  description: string;
}

export interface SamplePipeline {
  readonly id: number;
  readonly iid: number;
  ref: string;
  sha: string;
  status: 'success' | 'failed' | 'canceled';
}

export interface SampleSnippet {
  readonly id: number;
  title: string;
  fileName: string;
  content: string;
}

/** A branch or tag, and the commit that it points to. */
export interface SampleRef {
  name: string;
  /** 40 hex digits. */
  sha: string;
}

/** Everything of a project that its archive carries, or is said not to carry. */
export interface SampleProjectContents {
  labels: SampleLabel[];
  milestones: SampleProjectMilestone[];
  issues: SampleIssue[];
  mergeRequests: SampleMergeRequest[];
  releases: SampleRelease[];
  pipelines: SamplePipeline[];
  snippets: SampleSnippet[];
  /** Names. */
  protectedBranches: string[];
  protectedTags: string[];
  branches: SampleRef[];
  tags: SampleRef[];
  /** Pages of the wiki, as files of its repository. */
  wikiPages: SampleFile[];
  lfsObjects: StoredFile[];
  uploads: StoredFile[];
  /** Keys. In no archive. */
  variables: string[];
  /** URLs. In no archive. */
  hooks: string[];
}

/** What is in no archive either, by its names. */
export interface SampleLeftOut {
  deployKeys: string[];
  environments: string[];
  featureFlags: string[];
  /** Repositories of container images. */
  containerRepositories: string[];
  packages: string[];
}

/** How the import of a project is doing, as `GET /projects/:id/import` tells. */
export interface SampleProjectImport {
  status: 'none' | 'scheduled' | 'started' | 'finished' | 'failed' | 'canceled';
  type: 'gitlab_project' | null;
  correlationId: string | null;
  error: string | null;
  failedRelations: {
    readonly id: number;
    readonly createdAt: string;
    exceptionClass: string;
    source: string;
    relationName: string;
    lineNumber: number;
  }[];
}

/** The import of one relation into a project that is there, as `GET /projects/:id/relation-imports` tells. */
export interface SampleRelationImport {
  readonly id: number;
  readonly relation: ImportableRelation;
  status: 'created' | 'started' | 'finished' | 'failed';
  readonly createdAt: string;
  updatedAt: string;
}

/** The relations that GitLab imports by themselves. */
export const IMPORTABLE_RELATIONS = ['issues', 'merge_requests', 'milestones', 'ci_pipelines'] as const;
export type ImportableRelation = (typeof IMPORTABLE_RELATIONS)[number];

export interface SampleProject extends SampleProjectContents {
  readonly id: number;
  name: string;
  path: string;
  description: string;
  visibility: Visibility;
  archived: boolean;
  /** Branch that `HEAD` of the repository names; `null` without a repository. */
  defaultBranch: string | null;
  readonly creatorId: number;
  readonly createdAt: string;
  /** YYYY-MM-DD, the day on which somebody deleted it; `null` unless it waits for its deletion. */
  markedForDeletionOn: string | null;
  /** Project that it was forked from. */
  readonly forkedFromId: number | null;
  settings: SampleProjectSettings;
  avatar: SampleAvatar | undefined;
  members: SampleMember[];
  leftOut: SampleLeftOut;
  import: SampleProjectImport;
  /** The oldest first. */
  relationImports: SampleRelationImport[];
}

/** What a test or the demo says of a sample project; what is left out is empty or GitLab's default. */
export interface SampleProjectSeed {
  name: string;
  path: string;
  description?: string;
  /** Default: the group's. */
  visibility?: Visibility;
  archived?: boolean;
  /** Default `main` where there are branches. */
  defaultBranch?: string;
  markedForDeletionOn?: string;
  forkedFromId?: number;
  settings?: Partial<SampleProjectSettings>;
  avatar?: SampleAvatar;
  members?: { username: string; accessLevel: AccessLevel; expiresAt?: string }[];
  labels?: { title: string; color?: string; description?: string }[];
  milestones?: { title: string; description?: string; state?: 'active' | 'closed' }[];
  issues?: {
    title: string;
    description?: string;
    /** Username; default the first owner of the group. */
    author?: string;
    labels?: string[];
    milestone?: string;
    state?: 'opened' | 'closed';
    confidential?: boolean;
    notes?: string[];
  }[];
  mergeRequests?: {
    title: string;
    author?: string;
    sourceBranch: string;
    targetBranch?: string;
    labels?: string[];
    milestone?: string;
    state?: 'opened' | 'closed' | 'merged';
    notes?: string[];
  }[];
  releases?: { tag: string; name?: string; description?: string }[];
  pipelines?: { ref: string; status?: SamplePipeline['status'] }[];
  snippets?: { title: string; fileName?: string; content?: string }[];
  protectedBranches?: string[];
  protectedTags?: string[];
  /** Names. */
  branches?: string[];
  tags?: string[];
  wikiPages?: { path: string; content: string }[];
  /** Contents. */
  lfsObjects?: (string | Buffer)[];
  uploads?: { path: string; bytes: Buffer }[];
  variables?: string[];
  hooks?: string[];
  leftOut?: Partial<SampleLeftOut>;
}
