import { PassThrough, pipeline, type Readable } from 'node:stream';

/**
 * A stream whose errors are those of the store, so that nobody takes one for an error of the GitLab that it is sent to.
 * Destroying it destroys the source.
 */
export function readable(source: Readable, asStoreError: (error: unknown) => Error): Readable {
  const out = new PassThrough({ highWaterMark: 64 * 1024 });
  // The failure of the source goes on as it is told below; `pipeline` would hand it on unchanged.
  source.on('error', error => out.destroy(asStoreError(error)));
  pipeline(source, out, () => {});
  return out;
}
