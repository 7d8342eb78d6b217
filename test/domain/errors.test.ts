import { expect, it } from 'vitest';
import {
  GroupCreationError,
  MigrationError,
  messageOf,
  UnsupportedByDestinationError,
} from '../../lambdas/domain/errors.ts';
import {
  BlockedUrlError,
  NetworkError,
  TemporaryError,
  TokenRejectedError,
} from '../../lambdas/gitlab/errors.ts';

const request = { instance: 'source', method: 'GET', waitsFor: 'limit', retryAfter: 1 } as const;

it.each([
  [new MigrationError('x'), 'BulkImports::Error'],
  [new NetworkError('x', request), 'BulkImports::NetworkError'],
  [new TemporaryError('x', request), 'BulkImports::NetworkError'],
  [new TokenRejectedError('x', request), 'BulkImports::TokenRejectedError'],
  [new BlockedUrlError('x'), 'Gitlab::HTTP_V2::BlockedUrlError'],
  [new GroupCreationError('x'), 'BulkImports::Groups::Loaders::GroupLoader::GroupCreationError'],
  [new UnsupportedByDestinationError('x'), 'BulkImports::UnsupportedByDestinationError'],
])('%s has the name %s, which users see', (error, name) => {
  expect(error.name).toBe(name);
  expect(error).toBeInstanceOf(MigrationError);
});

it('keeps the cause', () => {
  const cause = new Error('deep');

  expect(new NetworkError('x', request, { cause }).cause).toBe(cause);
});

it.each([
  [new Error('a message'), 'a message'],
  ['a text', 'a text'],
  [undefined, 'undefined'],
])('knows the message of %s', (thrown, message) => {
  expect(messageOf(thrown)).toBe(message);
});
