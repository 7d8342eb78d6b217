/**
 * Where the service keeps what it knows (the table) and what it carries (archives) did not do what it was asked, after
 * the retries of whoever spoke to it. It says nothing about the record that was worked on, so it fails the Lambda, which
 * the workflow runs again, and never becomes a failure row.
 */
export class StoreError extends Error {
  override readonly name: string = 'StoreError';
}

/**
 * It did not do it now, and will do it later: it throttles, has trouble of its own, or was not reached. The API says so
 * (503), and the workflow waits for it as it waits for a Lambda that is throttled: `retries.json` has the name.
 */
export class StoreBusyError extends StoreError {
  override readonly name = 'StoreBusyError';
}
