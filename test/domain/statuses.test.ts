import { expect, it } from 'vitest';
import {
  ALLOWED_FROM,
  isTerminal,
  isTrackerTerminal,
  STATUSES,
  TERMINAL_STATUSES,
  TRACKER_STATUSES,
} from '../../lambdas/domain/statuses.ts';

it('lets nothing but a cancel leave a terminal status', () => {
  for (const [to, from] of Object.entries(ALLOWED_FROM)) {
    const left = from.filter(status => isTerminal(status));
    // Once only, so that of several who cancel at the same time one counts it.
    const others = TERMINAL_STATUSES.filter(status => status !== 'canceled');
    expect(left).toEqual(to === 'canceled' ? others : []);
  }
});

it('has a way into every status but the first', () => {
  expect(Object.keys(ALLOWED_FROM).sort()).toEqual(STATUSES.filter(status => status !== 'created').sort());
});

it('knows which statuses are an end', () => {
  expect(STATUSES.filter(isTerminal)).toEqual(['finished', 'timeout', 'failed', 'canceled']);
  expect(TRACKER_STATUSES.filter(isTrackerTerminal)).toEqual([
    'finished',
    'timeout',
    'failed',
    'canceled',
    'skipped',
  ]);
});
