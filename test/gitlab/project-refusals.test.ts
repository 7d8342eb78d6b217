import { describe, expect, it } from 'vitest';
import { LONGEST_MESSAGE } from '../../lambdas/domain/failure-message.ts';
import {
  adviceOnExport,
  adviceOnImport,
  isLinkRefused,
  isNamespaceMissing,
  isRemoteImportHidden,
  isSourceOff,
  isTaken,
  PROJECT_ADVICE,
} from '../../lambdas/gitlab/project-refusals.ts';
import { callOf, clientFor, errorOf } from '../support/gitlab/gitlab-client.ts';
import { startHttpServer } from '../support/network/http-server.ts';

const KINDS = { isTaken, isSourceOff, isNamespaceMissing, isRemoteImportHidden, isLinkRefused };

it.each([
  [400, 'Name has already been taken', 'isTaken'],
  [400, 'Project namespace name has already been taken', 'isTaken'],
  [403, '403 Forbidden', 'isSourceOff'],
  [404, '404 Namespace Not Found', 'isNamespaceMissing'],
  [404, '404 Not Found', 'isRemoteImportHidden'],
  [400, 'File url is blocked: Only allowed schemes are https', 'isLinkRefused'],
  [400, 'Failed to retrive headers: timeout', 'isLinkRefused'],
  [400, 'PG::CheckViolation: ERROR', 'isLinkRefused'],
  [400, 'Content length is too big (should be at most 10 GiB)', 'isLinkRefused'],
  [400, "Content type 'text/html' not allowed. (Allowed: application/gzip)", 'isLinkRefused'],
  [400, 'To import from AWS S3 use `projects/remote-import-s3`', 'isLinkRefused'],
  [403, '403 Forbidden - Your account has been blocked.', undefined],
  [400, 'User is not allowed to import projects', undefined],
  [500, 'Name has already been taken', undefined],
])('takes %i "%s" for %s and nothing else', async (status, message, kind) => {
  const headers = { 'content-type': 'application/json' };
  const server = await startHttpServer({ status, headers, body: JSON.stringify({ message }) });
  const error = await errorOf(clientFor(server.url).client.rest(callOf()));

  const kinds = Object.entries(KINDS).filter(([, is]) => is(error));

  expect(kinds.map(([name]) => name)).toEqual(kind === undefined ? [] : [kind]);
});

describe('what somebody has to do', () => {
  async function adviceOn(status: number, message: string) {
    const headers = { 'content-type': 'application/json' };
    const server = await startHttpServer({ status, headers, body: JSON.stringify({ message }) });
    const error = await errorOf(clientFor(server.url).client.rest(callOf()));
    const [onExport, onImport] = [adviceOnExport(error), adviceOnImport(error)];
    const nameOf = (advice: string | undefined) =>
      Object.entries(PROJECT_ADVICE).find(([, text]) => text === advice)?.[0];
    return [nameOf(onExport), nameOf(onImport)];
  }

  it.each([
    [404, '404 Not Found', ['exportsOff', undefined]],
    [404, '404 Project Not Found', [undefined, undefined]],
    [404, '404 Namespace Not Found', ['exportsOff', 'group']],
    [403, '403 Forbidden', ['exportRole', 'importsOff']],
    [403, '403 Forbidden - Your account has been blocked.', [undefined, undefined]],
    [400, 'User is not allowed to import projects', [undefined, 'group']],
    [400, 'Namespace is not valid', [undefined, 'group']],
    [400, 'File url is blocked: Only allowed schemes are https', [undefined, undefined]],
    [429, '404 Not Found', [undefined, undefined]],
    [500, '403 Forbidden', [undefined, undefined]],
  ])('is known of %i "%s" and of nothing else', async (status, message, advice) => {
    expect(await adviceOn(status, message)).toEqual(advice);
  });

  it.each(Object.entries(PROJECT_ADVICE))('fits into the message of a failure: %s', (_, advice) => {
    expect(advice.length).toBeLessThanOrEqual(LONGEST_MESSAGE);
  });
});
