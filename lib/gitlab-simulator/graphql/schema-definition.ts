/**
 * The part of GitLab's GraphQL schema which migrations read and write, with the versions that have each piece:
 * `@since` the first one, `@until` the first one without; `@edition` is where a build of the other edition has it not.
 * Where GitLab's published schemas (14.0, 14.9, 16.2 and
 * 19.4) only show between which two something came, the version is chosen:
 *
 * - 14.1 for what 14.0 lacks and 14.9 has (a member without a user, `descendantGroups`); `SHARED_FROM_GROUPS` is
 *   known to be of 14.7;
 * - 15.3 for `ProjectConnection.count`, 15.6 for `Metadata.enterprise` (REST's version), 15.0 for the rest that 14.9
 *   lacks and 16.2 has;
 * - 16.3 for `emailsEnabled`, 17.6 for the rest that 16.2 lacks and 19.4 has.
 */
export const SCHEMA_DEFINITION = `
  directive @since(version: String!) on OBJECT | FIELD_DEFINITION | ARGUMENT_DEFINITION | ENUM_VALUE | INPUT_FIELD_DEFINITION
  directive @until(version: String!) on OBJECT | FIELD_DEFINITION | ARGUMENT_DEFINITION | ENUM_VALUE | INPUT_FIELD_DEFINITION
  directive @edition(name: String!) on OBJECT | FIELD_DEFINITION | ARGUMENT_DEFINITION | ENUM_VALUE | INPUT_FIELD_DEFINITION

  scalar Time
  scalar UserID
  scalar BoardID
  scalar ListID
  scalar LabelID
  scalar MilestoneID

  type Query {
    currentUser: UserCore
    metadata: Metadata
    group(fullPath: ID!): Group
    project(fullPath: ID!): Project
    namespace(fullPath: ID!): Namespace
    user(id: UserID, username: String): UserCore
    users(
      ids: [ID!]
      usernames: [String!]
      search: String
      admins: Boolean
      first: Int
      after: String
    ): UserCoreConnection
  }

  type Mutation {
    boardListCreate(input: BoardListCreateInput!): BoardListCreatePayload
    createBoard(input: CreateBoardInput!): CreateBoardPayload
    labelCreate(input: LabelCreateInput!): LabelCreatePayload
  }

  type Metadata {
    version: String!
    revision: String!
    enterprise: Boolean! @since(version: "15.6")
  }

  type UserCore {
    id: ID!
    username: String!
    name: String!
    publicEmail: String
    bot: Boolean!
    state: UserState!
    webUrl: String!
  }

  enum UserState {
    active
    blocked
    deactivated
  }

  type UserCoreConnection {
    nodes: [UserCore]
    pageInfo: PageInfo!
  }

  type PageInfo {
    hasNextPage: Boolean!
    hasPreviousPage: Boolean!
    startCursor: String
    endCursor: String
  }

  type Namespace {
    id: ID!
    name: String!
    path: String!
    fullName: String!
    fullPath: ID!
    description: String
    visibility: String
  }

  type Group {
    id: ID!
    name: String!
    path: String!
    fullName: String!
    fullPath: ID!
    webUrl: String!
    description: String
    visibility: String
    parent: Group
    createdAt: Time @since(version: "17.6")
    updatedAt: Time @since(version: "17.6")
    emailsDisabled: Boolean
    emailsEnabled: Boolean @since(version: "16.3")
    lfsEnabled: Boolean
    mentionsDisabled: Boolean
    projectCreationLevel: String
    requestAccessEnabled: Boolean
    requireTwoFactorAuthentication: Boolean
    shareWithGroupLock: Boolean
    subgroupCreationLevel: String
    twoFactorGracePeriod: Int
    avatarUrl: String
    epicsEnabled: Boolean @edition(name: "ee")
    maxAccessLevel: AccessLevel! @since(version: "17.6")
    projectsCount: Int! @since(version: "17.6")
    groupMembersCount: Int! @since(version: "17.6")
    descendantGroupsCount: Int! @since(version: "17.6")
    descendantGroups(
      includeParentDescendants: Boolean = true
      owned: Boolean
      search: String
      ids: [ID!] @since(version: "17.6")
      first: Int
      after: String
    ): GroupConnection @since(version: "14.1")
    groupMembers(
      search: String
      relations: [GroupMemberRelation!] = [DIRECT, INHERITED]
      accessLevels: [AccessLevelEnum!] @since(version: "15.0")
      first: Int
      after: String
    ): GroupMemberConnection
    projects(
      includeSubgroups: Boolean = false
      search: String
      ids: [ID!]
      notAimedForDeletion: Boolean @since(version: "15.0")
      includeArchived: Boolean @since(version: "17.6")
      first: Int
      after: String
    ): ProjectConnection!
    labels(
      searchTerm: String
      includeAncestorGroups: Boolean = false
      includeDescendantGroups: Boolean = false
      onlyGroupLabels: Boolean = false
      title: String @since(version: "17.6")
      first: Int
      after: String
    ): LabelConnection
    milestones(
      ids: [ID!]
      state: MilestoneStateEnum
      title: String
      searchTitle: String
      includeAncestors: Boolean
      includeDescendants: Boolean
      first: Int
      after: String
    ): MilestoneConnection
    boards(id: BoardID, first: Int, after: String): BoardConnection
    board(id: BoardID!): Board
  }

  type GroupConnection @since(version: "14.1") {
    count: Int! @since(version: "17.6")
    nodes: [Group]
    pageInfo: PageInfo!
  }

  enum GroupMemberRelation {
    DIRECT
    INHERITED
    DESCENDANTS
    SHARED_FROM_GROUPS @since(version: "14.7")
  }

  type GroupMemberConnection {
    nodes: [GroupMember]
    pageInfo: PageInfo!
  }

  interface MemberInterface {
    id: ID!
    createdAt: Time
    updatedAt: Time
    expiresAt: Time
    accessLevel: AccessLevel
    createdBy: UserCore
    user: UserCore! @until(version: "14.1")
    user: UserCore @since(version: "14.1")
  }

  type MemberInterfaceConnection {
    nodes: [MemberInterface]
    pageInfo: PageInfo!
  }

  type ProjectMember implements MemberInterface {
    id: ID!
    createdAt: Time
    updatedAt: Time
    expiresAt: Time
    accessLevel: AccessLevel
    createdBy: UserCore
    user: UserCore! @until(version: "14.1")
    user: UserCore @since(version: "14.1")
  }

  enum ProjectMemberRelation {
    DIRECT
    INHERITED
    DESCENDANTS
    INVITED_GROUPS
    SHARED_INTO_ANCESTORS @since(version: "15.0")
  }

  type GroupMember implements MemberInterface {
    id: ID!
    createdAt: Time
    updatedAt: Time
    expiresAt: Time
    accessLevel: AccessLevel
    createdBy: UserCore
    user: UserCore! @until(version: "14.1")
    user: UserCore @since(version: "14.1")
  }

  type AccessLevel {
    integerValue: Int
    stringValue: AccessLevelEnum
  }

  enum AccessLevelEnum {
    NO_ACCESS
    MINIMAL_ACCESS
    GUEST
    PLANNER @since(version: "17.7")
    REPORTER
    SECURITY_MANAGER @since(version: "19.0")
    DEVELOPER
    MAINTAINER
    OWNER
  }

  type ProjectConnection {
    count: Int! @since(version: "15.3")
    nodes: [Project]
    pageInfo: PageInfo!
  }

  type Project {
    id: ID!
    name: String!
    path: String!
    fullPath: ID!
    description: String
    visibility: String
    archived: Boolean
    createdAt: Time
    importStatus: String
    webUrl: String
    issuesEnabled: Boolean
    mergeRequestsEnabled: Boolean
    snippetsEnabled: Boolean
    group: Group
    userPermissions: ProjectPermissions!
    repository: Repository
    statistics: ProjectStatistics
    projectMembers(
      search: String
      relations: [ProjectMemberRelation!] = [DIRECT, INHERITED]
      first: Int
      after: String
    ): MemberInterfaceConnection
    issues(state: IssuableState, first: Int, after: String): IssueConnection
    mergeRequests(state: MergeRequestState, first: Int, after: String): MergeRequestConnection
    labels(
      searchTerm: String
      includeAncestorGroups: Boolean = false
      first: Int
      after: String
    ): LabelConnection
    releases(first: Int, after: String): ReleaseConnection
    pipelines(first: Int, after: String): PipelineConnection
  }

  type Repository {
    empty: Boolean!
    exists: Boolean!
  }

  type ProjectStatistics {
    commitCount: Float!
    storageSize: Float!
    repositorySize: Float!
    wikiSize: Float
    lfsObjectsSize: Float!
    buildArtifactsSize: Float!
    packagesSize: Float!
    snippetsSize: Float
    uploadsSize: Float
  }

  enum IssuableState {
    opened
    closed
    locked
    all
  }

  type IssueConnection {
    count: Int!
    nodes: [Issue]
    pageInfo: PageInfo!
  }

  type Issue {
    id: ID!
    iid: ID!
    title: String!
    state: IssueState!
    confidential: Boolean!
  }

  enum IssueState {
    opened
    closed
    locked
    all
  }

  enum MergeRequestState {
    opened
    closed
    locked
    all
    merged
  }

  type MergeRequestConnection {
    count: Int!
    nodes: [MergeRequest]
    pageInfo: PageInfo!
  }

  type MergeRequest {
    id: ID!
    iid: String!
    title: String!
    state: String! @until(version: "14.1")
    state: MergeRequestState! @since(version: "14.1")
  }

  type ReleaseConnection {
    count: Int!
    nodes: [Release]
    pageInfo: PageInfo!
  }

  type Release {
    tagName: String
    name: String
  }

  type PipelineConnection {
    count: Int!
    nodes: [Pipeline]
    pageInfo: PageInfo!
  }

  type Pipeline {
    id: ID!
    iid: String!
    status: PipelineStatusEnum!
  }

  enum PipelineStatusEnum {
    SUCCESS
    FAILED
    CANCELED
  }

  type ProjectPermissions {
    adminProject: Boolean!
  }

  type LabelConnection {
    count: Int!
    nodes: [Label]
    pageInfo: PageInfo!
  }

  type Label {
    id: ID!
    title: String!
    color: String!
    description: String
  }

  enum MilestoneStateEnum {
    active
    closed
  }

  type MilestoneConnection {
    nodes: [Milestone]
    pageInfo: PageInfo!
  }

  type Milestone {
    id: ID!
    iid: ID!
    title: String!
    description: String
    state: MilestoneStateEnum!
    startDate: Time
    dueDate: Time
    groupMilestone: Boolean!
  }

  type BoardConnection {
    nodes: [Board]
    pageInfo: PageInfo!
  }

  type Board {
    id: ID!
    name: String
    hideBacklogList: Boolean
    hideClosedList: Boolean
    lists(id: ListID, first: Int, after: String): BoardListConnection
    labels(first: Int, after: String): LabelConnection @edition(name: "ee")
    milestone: Milestone @edition(name: "ee")
    assignee: UserCore @edition(name: "ee")
    weight: Int @edition(name: "ee")
  }

  type BoardListConnection {
    nodes: [BoardList]
    pageInfo: PageInfo!
  }

  type BoardList {
    id: ID!
    listType: String!
    position: Int
    title: String!
    label: Label
    milestone: Milestone @edition(name: "ee")
    assignee: UserCore @edition(name: "ee")
    iteration: Iteration @edition(name: "ee")
  }

  type Iteration @edition(name: "ee") {
    id: ID!
  }

  input BoardListCreateInput {
    clientMutationId: String
    boardId: BoardID!
    backlog: Boolean
    labelId: LabelID
    milestoneId: MilestoneID @edition(name: "ee")
    iterationId: ID @edition(name: "ee")
    assigneeId: UserID @edition(name: "ee")
  }

  type BoardListCreatePayload {
    clientMutationId: String
    list: BoardList
    errors: [String!]!
  }

  input CreateBoardInput {
    clientMutationId: String
    groupPath: ID
    name: String
    hideBacklogList: Boolean
    hideClosedList: Boolean
    labelIds: [LabelID!] @edition(name: "ee")
    milestoneId: MilestoneID @edition(name: "ee")
    assigneeId: UserID @edition(name: "ee")
    weight: Int @edition(name: "ee")
  }

  type CreateBoardPayload {
    clientMutationId: String
    board: Board
    errors: [String!]!
  }

  input LabelCreateInput {
    clientMutationId: String
    groupPath: ID
    projectPath: ID
    title: String!
    description: String
    color: String
  }

  type LabelCreatePayload {
    clientMutationId: String
    label: Label
    errors: [String!]!
  }
`;
