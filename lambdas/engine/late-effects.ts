/** A request whose response was lost may take effect as long after it was sent: a proxy waits less than that. */
export const SLOWEST_REQUEST_MS = 5 * 60_000;
