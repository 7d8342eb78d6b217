import { expect, it } from 'vitest';
import { presentFailure } from '../../lambdas/api/answers/presenters.ts';
import { newFailure } from '../support/table/records.ts';

it.each([
  // Paths in what it quotes are hidden where the message is made; our own words have slashes that matter.
  ['a title with a slash', "the list of label 'a/b' is missing", "the list of label 'a/b' is missing"],
  ['no slash', 'plain: 403 Forbidden.', 'plain: 403 Forbidden.'],
  ['more than 255 characters', 'x'.repeat(300), 'x'.repeat(255)],
])('the message of a failure is shown as it is and cut: %s', (_, exceptionMessage, shown) => {
  const failure = presentFailure(newFailure({ exceptionMessage, sourceTitle: 't'.repeat(300) }));

  expect(failure).toMatchObject({ exception_message: shown, source_title: 't'.repeat(255) });
});
