import { isGroupGone, isRefusal } from '../gitlab/client-errors.ts';
import type { NetworkError } from '../gitlab/errors.ts';

/** What is said of anything that a GitLab without a licence does not have. */
export const NEEDS_PREMIUM = 'needs GitLab Premium or Ultimate';

/** The statuses with which GitLab refuses what its edition or licence does not have. It seldom says so. */
const UNLICENSED = [403, 404, 405];

/** Whether a refusal of something that needs a licence is likely to be for want of it. */
export function mayLackLicense(error: unknown): error is NetworkError {
  if (!isRefusal(error)) return false;
  return (
    (UNLICENSED.includes(error.status ?? 0) && !isGroupGone(error)) ||
    /licen|premium|not available/i.test(error.reason)
  );
}
