import { keys, type Owner, TTL_ATTRIBUTE } from './keys.ts';
import { updateItem } from './table-updates.ts';

const WINDOW_SECONDS = 60;

/**
 * Counts one request of a user in the current minute and tells whether it is within the limit. GitLab's application
 * rate limiter counts in the same fixed windows. The item lives for two windows.
 */
export async function countRequest(owner: Owner, limit: number, now = Date.now()): Promise<boolean> {
  const minute = Math.floor(now / 1000 / WINDOW_SECONDS);
  const result = await updateItem(keys.rateWindow(owner, minute), {
    add: { requests: 1 },
    set: { [TTL_ATTRIBUTE]: (minute + 2) * WINDOW_SECONDS },
    when: [
      { expression: 'attribute_not_exists(requests) OR requests < :limit', values: { ':limit': limit } },
    ],
    create: true,
  });
  return result.applied;
}
