import { ACCESS_LEVELS } from '../model.ts';
import type { ApiCall } from '../route.ts';

/** GitLab's words for a role that an administrator has to approve. */
export const QUEUED = 'Request queued for administrator approval.';

/** Whether it costs a seat: Guests are free where roles have to be approved. */
export function isQueued({ instance, currentUser }: ApiCall, level: number): boolean {
  return instance.settings.memberApproval && !currentUser.admin && level > ACCESS_LEVELS.guest;
}

export function queuedFor(username: string) {
  return { message: { [username]: QUEUED } };
}
