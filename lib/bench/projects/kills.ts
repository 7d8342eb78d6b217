import { setTimeout as pause } from 'node:timers/promises';
import { PART_BYTES } from '../../../lambdas/archives/archive-store.ts';
import type { GitLabProcess } from '../gitlab-process.ts';
import type { Run, ServiceProcess } from '../service-process.ts';
import type { ArchiveTraffic } from './archive-traffic.ts';

/** A moment at which the service is killed: when so many bytes of the archive have been sent. */
export interface KillPoint {
  while: 'downloading' | 'uploading';
  bytes: number;
}

/** How often it is looked how far the archive is. */
const LOOK_MS = 20;

/** The last kill is in the middle of the upload, all others are spread over the download; a single one is in its middle. */
export function killPoints(kills: number, archiveBytes: number): KillPoint[] {
  const downloads = Math.max(kills - 1, Math.min(kills, 1));
  const points = Array.from({ length: downloads }, (_, index): KillPoint => {
    return { while: 'downloading', bytes: Math.round((archiveBytes * (index + 1)) / (downloads + 1)) };
  });
  return kills > downloads
    ? [...points, { while: 'uploading', bytes: Math.round(archiveBytes / 2) }]
    : points;
}

interface Setting {
  source: GitLabProcess;
  destination: GitLabProcess;
  /** Starts the service, with the data that the one before has left. */
  start: () => Promise<ServiceProcess>;
}

/** Migrates what is at the source, by one service after the other. @returns what the last of them has done */
export async function migrateThroughKills(setting: Setting, points: readonly KillPoint[]): Promise<Run> {
  let service = await setting.start();
  try {
    const importId = await service.begin(setting.source.url);
    for (const point of points) {
      const ended = service.finish(importId).then(() => {
        throw new Error(`The import has ended before it was killed while ${point.while}.`);
      });
      await Promise.race([ended, reached(setting, point)]);
      ended.catch(() => undefined);
      await service.kill();
      service = await setting.start();
    }
    return await service.finish(importId);
  } finally {
    await service.stop();
  }
}

async function reached({ source, destination }: Setting, point: KillPoint): Promise<void> {
  const moved = async () =>
    point.while === 'downloading'
      ? (await source.archives()).sentBytes
      : (await destination.archives()).receivedBytes;
  while ((await moved()) < point.bytes) await pause(LOOK_MS);
}

/** Of a part that has not come as a whole nothing is kept; as much again may be on its way through buffers. */
const LOST_BYTES = 2 * PART_BYTES;

/** What is sent besides the bytes of the archive. */
const HEADERS_BYTES = 64 * 1024;

/** @throws when more was downloaded again than the parts in which it was killed */
export function requireLittleTwice(
  points: readonly KillPoint[],
  { sentBytes }: ArchiveTraffic,
  { archiveBytes }: ArchiveTraffic,
): void {
  const most = HEADERS_BYTES + LOST_BYTES * points.filter(point => point.while === 'downloading').length;
  if (sentBytes - archiveBytes <= most) return;
  throw new Error(
    `The source has sent ${sentBytes} bytes of an archive of ${archiveBytes}: more than ${most} of them twice.`,
  );
}
