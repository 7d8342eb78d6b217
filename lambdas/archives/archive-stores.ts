import { environment } from '../platform/environment.ts';
import type { ArchiveStore } from './archive-store.ts';
import { FolderArchiveStore } from './folder-archive-store.ts';
import { S3ArchiveStore } from './s3-archive-store.ts';

let shared: { place: string; store: ArchiveStore } | undefined;

/** Where this service keeps archives: a bucket in AWS, a folder on a laptop. Made on first use. */
export function archiveStore(): ArchiveStore {
  const bucket = environment.archivesBucket();
  const place = bucket ?? environment.archivesFolder();
  if (shared?.place !== place) {
    shared = {
      place,
      store: bucket === undefined ? new FolderArchiveStore(place) : new S3ArchiveStore(place),
    };
  }
  return shared.store;
}
