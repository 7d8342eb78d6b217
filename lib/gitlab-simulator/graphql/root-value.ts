import { GraphQLError } from 'graphql';
import type { SampleUser } from '../model.ts';
import { resourceNotAvailable } from './changeable-group.ts';
import { type ConnectionArguments, connection } from './connection.ts';
import { type CreateBoardInput, createBoard } from './create-board.ts';
import { type BoardListCreateInput, boardListCreate } from './create-board-list.ts';
import { type LabelCreateInput, labelCreate } from './create-label.ts';
import { groupObject, namespaceObject, projectObject } from './group-object.ts';
import { numberOf, userObject, type Viewer } from './viewer.ts';

interface UsersArguments extends ConnectionArguments {
  readonly ids?: readonly string[] | null;
  readonly usernames?: readonly string[] | null;
  readonly search?: string | null;
  readonly admins?: boolean | null;
}

/** What queries and mutations start from. Names are the schema's; functions take the arguments of their field. */
export function rootValue(viewer: Viewer, mayWrite: boolean) {
  const { instance, user } = viewer;
  const mutation =
    <I>(run: (viewer: Viewer, input: I) => object) =>
    ({ input }: { input: I }) => {
      if (!mayWrite) throw resourceNotAvailable();
      return run(viewer, input);
    };
  return {
    currentUser: () => user && userObject(viewer, user),
    metadata: () =>
      user && {
        version: instance.settings.version,
        revision: '0a1b2c3d4e5',
        enterprise: instance.enterprise,
      },
    group: ({ fullPath }: { fullPath: string }) => groupObject(viewer, fullPath),
    project: ({ fullPath }: { fullPath: string }) => projectObject(viewer, fullPath),
    namespace: ({ fullPath }: { fullPath: string }) => namespaceObject(viewer, fullPath),
    user: (wanted: { id?: string | null; username?: string | null }) => {
      if (Boolean(wanted.id) === Boolean(wanted.username)) {
        throw new GraphQLError('Provide either a single username or id');
      }
      const found = wanted.id
        ? instance.users.get(numberOf(wanted.id))
        : instance.userByUsername(wanted.username ?? '');
      return user && found && userObject(viewer, found);
    },
    users: (page: UsersArguments) => {
      const found = user ? [...instance.users.values()].filter(candidate => isWanted(candidate, page)) : [];
      return connection(found, page, candidate => userObject(viewer, candidate));
    },
    boardListCreate: mutation<BoardListCreateInput>(boardListCreate),
    createBoard: mutation<CreateBoardInput>(createBoard),
    labelCreate: mutation<LabelCreateInput>(labelCreate),
  };
}

function isWanted(user: SampleUser, { ids, usernames, search, admins }: UsersArguments): boolean {
  if (ids && !ids.some(id => numberOf(id) === user.id)) return false;
  if (usernames && !usernames.some(name => name.toLowerCase() === user.username.toLowerCase())) return false;
  if (admins && !user.admin) return false;
  const names = [user.name, user.username].map(name => name.toLowerCase());
  return !search || names.some(name => name.includes(search.toLowerCase()));
}
