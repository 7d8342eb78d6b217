import { RESPONSE } from './budgets.ts';
import { send } from './transport.ts';

/** Longer than the cold start of a function. */
const LONGEST_MS = 5_000;

/**
 * Asks for the head of a link of our own, so that what answers it is awake: GitLab gives its HEAD one second. Redirects
 * are not followed, and what comes of it does not matter.
 */
export async function warmLink(url: string): Promise<void> {
  try {
    const request = { url: new URL(url), method: 'HEAD', headers: {}, timeoutMs: LONGEST_MS } as const;
    await send({ ...request, maxBytes: RESPONSE.errorBytes }, 'any');
  } catch {
    // GitLab's own request will tell.
  }
}
