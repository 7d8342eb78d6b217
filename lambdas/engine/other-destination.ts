import { environment } from '../platform/environment.ts';
import type { Import } from '../store/imports.ts';
import type { Reason } from './end-import.ts';

/**
 * How long a pipeline of a paused import waits before it looks again. The six pipelines of a stage that do so for the
 * 24 hours after which the import is closed take a fifth of their history's 25,000 events.
 */
export const PAUSE_SECONDS = 900;

/**
 * Whether an import belongs to another destination than the one that the service has now. Such an import is paused: no
 * request is sent for it, to neither GitLab, until the service has its destination again (docs/adr/0016).
 */
export function isPaused({ destinationUrl }: Pick<Import, 'destinationUrl'>): boolean {
  return destinationUrl !== environment.destinationUrl();
}

export const OTHER_DESTINATION = 'BulkImports::OtherDestinationError';

/** Why an import was closed that was paused until it counted as stale. */
export function otherDestination({ destinationUrl }: Pick<Import, 'destinationUrl'>): Reason {
  const other = environment.destinationUrl();
  return {
    exceptionClass: OTHER_DESTINATION,
    message: `This import belongs to the destination ${destinationUrl}; for 24 hours the service served ${other} instead. Nothing was sent to ${other}. Start a new import, at a service for ${destinationUrl}.`,
  };
}
