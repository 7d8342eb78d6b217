import { expect, it } from 'vitest';
import {
  GroupCreationError,
  IncompleteRecordError,
  JobFailedError,
  NotImportedError,
  UnsupportedByDestinationError,
} from '../../lambdas/domain/errors.ts';
import { isWorthAnotherTry } from '../../lambdas/engine/retryable.ts';
import { NetworkError, TemporaryError } from '../../lambdas/gitlab/errors.ts';

const request = { instance: 'destination', method: 'POST' } as const;
const refused = (status: number) => new NetworkError('It was refused.', { ...request, status });

it.each([
  ['trouble that was given up', new TemporaryError('It was down.', { ...request, waitsFor: 'outage' }), true],
  ['a right that can be granted', refused(403), true],
  ['something that was not to be seen', refused(404), true],
  ['a job that has failed', new JobFailedError('It failed.'), true],
  ['a fault of ours', new Error('It broke.'), true],
  ['a validation', refused(422), false],
  ['a validation that is explained', new GroupCreationError('No.', { cause: refused(400) }), false],
  ['a refused right that is explained', new GroupCreationError('No.', { cause: refused(403) }), true],
  ['a missing licence', new UnsupportedByDestinationError('It has none.'), false],
  ['a record that GitLab can import by itself', new NotImportedError('It failed.', true), true],
  ['another one that it could not import', new NotImportedError('It failed.', false), false],
  ['a record that is not as asked for', new IncompleteRecordError('It differs.'), false],
])('tells of %s whether it is worth another try', (_, error, expected) => {
  expect(isWorthAnotherTry(error)).toBe(expected);
});
