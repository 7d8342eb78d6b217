import { afterEach, describe, expect, it, vi } from 'vitest';
import { replicaLag } from '../../lambdas/engine/replica-lag.ts';
import { SentRecordsOfTracker } from '../../lambdas/engine/sent-records.ts';
import { NetworkError, TemporaryError } from '../../lambdas/gitlab/errors.ts';
import { newTracker } from '../../lambdas/store/trackers.ts';

const AT_DESTINATION = { instance: 'destination', method: 'POST' } as const;
const outage = (reason: string) =>
  new TemporaryError('It did not work.', { ...AT_DESTINATION, reason, waitsFor: 'outage' });
const throttled = new TemporaryError('Later.', { ...AT_DESTINATION, status: 429, waitsFor: 'limit' });
const refused = new NetworkError('No.', { ...AT_DESTINATION, status: 400, reason: 'no' });

afterEach(() => {
  vi.useRealTimers();
});

/** What is known of a record whose request has met this. */
async function afterMeeting(error: Error) {
  const sent = new SentRecordsOfTracker(newTracker('boards'), async () => undefined);
  await sent.note(['Team']);
  await expect(sent.send('Team', () => Promise.reject(error))).rejects.toBe(error);
  return sent;
}

describe('a record that was sent', () => {
  it('is in doubt for five minutes since it was sent, whenever it was noted', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const sent = new SentRecordsOfTracker(newTracker('badges'), async () => undefined);
    await sent.note(['first', 'last']);
    vi.setSystemTime(Date.now() + 60_000);
    await sent.send('last', () => Promise.reject(outage('ECONNRESET'))).catch(() => undefined);

    vi.setSystemTime(Date.now() + 4.5 * 60_000);

    expect(sent.areInDoubt(['first'])).toBe(true);
    expect(() => sent.areInDoubt(['last'])).toThrow('may still take effect');
    vi.setSystemTime(Date.now() + 30_000);
    expect(sent.areInDoubt(['last'])).toBe(true);
  });

  it.each([
    ['whose connection was lost', outage('ECONNRESET')],
    ['that was not answered in time', outage('timeout')],
    ['to which a proxy has answered', outage('502')],
  ])('%s is in doubt', async (_, error) => {
    const sent = await afterMeeting(error);

    expect(() => sent.areInDoubt(['Other', 'Team'])).toThrow('may still take effect');
    expect(sent.areInDoubt(['Other'])).toBe(false);
  });

  it.each([
    ['that was refused', refused],
    ['that was throttled', throttled],
    ['of a group that the destination does not show yet', replicaLag('go on')],
    ['while nothing has listened', outage('ECONNREFUSED')],
    ['while the name did not resolve', outage('EAI_AGAIN')],
  ])('%s is not in doubt', async (_, error) => {
    const sent = await afterMeeting(error);

    expect(sent.areInDoubt(['Team'])).toBe(false);
  });
});
