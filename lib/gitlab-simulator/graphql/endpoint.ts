import { graphqlSync } from 'graphql';
import { type ApiAnswer, json } from '../answer.ts';
import type { Credentials } from '../authentication.ts';
import type { GitLabInstance } from '../instance.ts';
import { bodyParams } from '../request-body.ts';
import { type CreateBoardInput, createBoard, resourceNotAvailable } from './create-board.ts';
import { groupObject, projectObject, userObject, type Viewer } from './group-object.ts';
import { SCHEMA } from './schema.ts';

/**
 * Answers a GraphQL request. Errors of the query come with status 200; only a token which cannot be used has a
 * status of its own, 401. Without any token the query runs for nobody.
 */
export function answerGraphql(
  instance: GitLabInstance,
  request: { readonly params: Record<string, unknown>; readonly credentials: Credentials },
): ApiAnswer {
  const { credentials, params } = request;
  const scopes = credentials.kind === 'accepted' ? credentials.token.scopes : [];
  const mayRead = scopes.includes('api') || scopes.includes('read_api');
  if (credentials.kind === 'refused' || (credentials.kind === 'accepted' && !mayRead)) {
    return json(401, { errors: [{ message: 'Invalid token' }] });
  }
  const viewer = { instance, user: credentials.kind === 'accepted' ? credentials.user : undefined };
  const result = graphqlSync({
    schema: instance.versionAtLeast('17.0') ? SCHEMA.new : SCHEMA.old,
    source: typeof params.query === 'string' ? params.query : '',
    rootValue: rootValue(viewer, scopes.includes('api')),
    variableValues: bodyParams(params.variables),
    operationName: typeof params.operationName === 'string' ? params.operationName : null,
  });
  return json(200, result);
}

function rootValue(viewer: Viewer, mayWrite: boolean) {
  const { instance, user } = viewer;
  return {
    currentUser: () => user && userObject(user),
    metadata: () =>
      user && {
        version: instance.settings.version,
        revision: '0a1b2c3d4e5',
        enterprise: instance.enterprise,
      },
    group: ({ fullPath }: { fullPath: string }) => groupObject(viewer, fullPath),
    project: ({ fullPath }: { fullPath: string }) => projectObject(viewer, fullPath),
    createBoard: ({ input }: { input: CreateBoardInput }) => {
      if (!mayWrite) throw resourceNotAvailable();
      return createBoard(viewer, input);
    },
  };
}
