import { afterAll, afterEach } from 'vitest';
import { kindsOfUndeclared, takeUndeclared } from '../../../lib/gitlab-simulator/undeclared.ts';

/**
 * For every test: what a simulated GitLab was asked that GitLab does not declare is a mistake of ours, and fails the
 * test in which it happened. A test that makes one on purpose takes it out: `gitlab.takeUndeclared()`.
 */
function failOnUndeclared(): void {
  const undeclared = kindsOfUndeclared(takeUndeclared());
  if (undeclared.length === 0) return;
  throw new Error(`GitLab does not declare what it was asked:\n${undeclared.join('\n')}`);
}

// The first hooks to be registered are the last to run: what is sent while a test cleans up counts, too.
afterEach(failOnUndeclared);
afterAll(failOnUndeclared);
