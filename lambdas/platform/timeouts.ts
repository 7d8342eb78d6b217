/**
 * How long each kind of function may run, in seconds. The deployment sets them, the local runtime keeps to them, and
 * the state machine's `TimeoutSeconds` are 30 s longer, so that it never runs a function again that is still alive.
 */
export const TIMEOUT_SECONDS = {
  /** API Gateway gives up after 30 s. */
  api: 29,
  workflow: 60,
  /** Renders a widget of the dashboard; CloudWatch waits 30 s for it. */
  progress: 20,
  /** Lambda's longest. */
  lane: 900,
} as const;
