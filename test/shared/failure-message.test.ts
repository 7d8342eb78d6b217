import { describe, expect, it } from 'vitest';
import { fitted, shownMessage } from '../../lambdas/shared/failure-message.ts';

const ADVICE = 'Correct it at the source and import it again, or add it by hand.';
const messageWith = (theirs: string) =>
  `The destination GitLab refused to create the label: ${theirs}. ${ADVICE}`;

describe('a message that has to fit into what is shown', () => {
  it('is left as it is when it does', () => {
    expect(fitted(messageWith('400 no'), '400 no')).toBe(messageWith('400 no'));
  });

  it.each([
    ['long words', 'x'.repeat(500)],
    ['words with a dollar', `$&$1${'y'.repeat(400)}`],
    ['words that get longer when paths are hidden', 'a/b '.repeat(60).trim()],
    ['words that are pairs', '💥'.repeat(150)],
  ])('ends with what to do, after %s', (_, theirs) => {
    const shown = shownMessage(fitted(messageWith(theirs), theirs));

    expect(shown.length).toBeLessThanOrEqual(255);
    expect(shown).toMatch(/^The destination GitLab refused to create the label: /);
    expect(shown.endsWith(`…. ${ADVICE}`)).toBe(true);
    expect(shown.isWellFormed()).toBe(true);
  });

  it('gives up the next part when the first is not enough, or is not there', () => {
    const ours = 'o'.repeat(300);

    expect(fitted(`${ours} why. ${ADVICE}`, 'why', ours)).toMatch(/^o+… why\. Correct/);
    expect(fitted(`${ours} ${ADVICE}`, '', ours)).toMatch(/^o+… Correct/);
  });

  it('is cut at the end when nothing may be shortened', () => {
    expect(shownMessage(fitted('z'.repeat(300)))).toBe('z'.repeat(255));
  });
});
