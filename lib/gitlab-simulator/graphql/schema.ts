import { buildSchema } from 'graphql';

/** The part of GitLab's GraphQL schema which migrations read and write, as old and as new versions have it. */
export const SCHEMA = { old: buildSchema(sdl('')), new: buildSchema(sdl('maxAccessLevel: AccessLevel!')) };

/** @param groupFields further fields of a group */
function sdl(groupFields: string): string {
  return `
  scalar Time

  type Query {
    currentUser: CurrentUser
    metadata: Metadata
    group(fullPath: ID!): Group
    project(fullPath: ID!): Project
  }

  type Mutation {
    createBoard(input: CreateBoardInput!): CreateBoardPayload
  }

  type Metadata {
    version: String!
    revision: String!
    enterprise: Boolean!
  }

  type CurrentUser {
    id: ID!
    username: String!
    name: String!
    publicEmail: String
  }

  type UserCore {
    id: ID!
    username: String!
    name: String!
    publicEmail: String
  }

  type PageInfo {
    hasNextPage: Boolean!
    hasPreviousPage: Boolean!
    startCursor: String
    endCursor: String
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
    createdAt: Time
    ${groupFields}
    emailsDisabled: Boolean
    emailsEnabled: Boolean
    lfsEnabled: Boolean
    mentionsDisabled: Boolean
    projectCreationLevel: String
    requestAccessEnabled: Boolean
    requireTwoFactorAuthentication: Boolean
    shareWithGroupLock: Boolean
    subgroupCreationLevel: String
    twoFactorGracePeriod: Int
    avatarUrl: String
    groupMembers(
      relations: [GroupMemberRelation!] = [DIRECT, INHERITED]
      first: Int
      after: String
    ): GroupMemberConnection
    projects(
      includeSubgroups: Boolean = false
      notAimedForDeletion: Boolean
      first: Int
      after: String
    ): ProjectConnection!
  }

  enum GroupMemberRelation {
    DIRECT
    INHERITED
    DESCENDANTS
    SHARED_FROM_GROUPS
  }

  type GroupMemberConnection {
    nodes: [GroupMember]
    pageInfo: PageInfo!
  }

  type GroupMember {
    id: ID!
    createdAt: Time
    updatedAt: Time
    expiresAt: Time
    accessLevel: AccessLevel
    user: UserCore
  }

  type AccessLevel {
    integerValue: Int
    stringValue: AccessLevelEnum
  }

  enum AccessLevelEnum {
    NO_ACCESS
    MINIMAL_ACCESS
    GUEST
    PLANNER
    REPORTER
    DEVELOPER
    MAINTAINER
    OWNER
  }

  type ProjectConnection {
    count: Int!
    nodes: [Project]
    pageInfo: PageInfo!
  }

  type Project {
    id: ID!
    name: String!
    path: String!
    fullPath: ID!
    visibility: String
    userPermissions: ProjectPermissions!
  }

  type ProjectPermissions {
    adminProject: Boolean!
  }

  input CreateBoardInput {
    clientMutationId: String
    groupPath: ID
    name: String
    hideBacklogList: Boolean
    hideClosedList: Boolean
  }

  type CreateBoardPayload {
    clientMutationId: String
    board: Board
    errors: [String!]!
  }

  type Board {
    id: ID!
    name: String
    hideBacklogList: Boolean
    hideClosedList: Boolean
  }
`;
}
