import { expect, it } from 'vitest';
import { presentFailure } from '../../lambdas/api/presenters.ts';
import { newFailure } from '../support/records.ts';

it.each([
  ['a path', 'could not read /var/opt/gitlab here', 'could not read [FILTERED] here'],
  ['a URL', "refused by 'https://old.example/acme'.", 'refused by [FILTERED]'],
  ['several of them', 'a/b and c/d\tor\ne/', '[FILTERED] and [FILTERED]\tor\n[FILTERED]'],
  ['no path', 'plain: 403 Forbidden.', 'plain: 403 Forbidden.'],
  ['more than 255 characters', 'x'.repeat(300), 'x'.repeat(255)],
  ['a long path, which is hidden before the rest is cut', `/${'p'.repeat(300)} end`, '[FILTERED] end'],
])('the message of a failure is filtered and cut: %s', (_, exceptionMessage, shown) => {
  const failure = presentFailure(newFailure({ exceptionMessage, sourceTitle: 't'.repeat(300) }));

  expect(failure).toMatchObject({ exception_message: shown, source_title: 't'.repeat(255) });
});
