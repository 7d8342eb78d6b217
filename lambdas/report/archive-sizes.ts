import { MOST_PARTS, PART_BYTES } from '../archives/archive-store.ts';
import { size } from './markup.ts';
import type { Report, ReportedEntity } from './report.ts';

const GIB = 1024 ** 3;
/** S3 takes no object of more parts. */
const STORED = MOST_PARTS * PART_BYTES;
/** What a GitLab takes unless its administrator has said otherwise, and GitLab.com as it is; https://docs.gitlab.com/user/gitlab_com/. */
const UNPACKED = 25 * GIB;
const FETCHED = 10 * GIB;
const UPLOADED_TO_GITLAB_COM = 5 * GIB;

/**
 * What should be looked at before a project is moved whose archive may not fit; `undefined` where nothing known stands against
 * it. It is no more than that: the size is an estimate, and no API tells the limits of a GitLab of one's own.
 */
export function noteOnArchive(bytes: number | null | undefined, destinationUrl: string): string | undefined {
  if (bytes == null) return undefined;
  const isGitLabCom = new URL(destinationUrl).hostname === 'gitlab.com';
  if (bytes > STORED) {
    return `No archive of more than ${size(STORED)} can be stored on its way. Make the project smaller first, or move its repository by git.`;
  }
  if (bytes > UNPACKED) return tooLarge('unpacks no archive of more than', UNPACKED, isGitLabCom);
  if (bytes > FETCHED) return tooLarge('takes no archive of more than', FETCHED, isGitLabCom);
  if (bytes > UPLOADED_TO_GITLAB_COM && isGitLabCom) {
    return `GitLab.com takes more than ${size(UPLOADED_TO_GITLAB_COM)} only where it can fetch the archive from this service, at a public address. Make sure of that, or make the project smaller first.`;
  }
  return undefined;
}

function tooLarge(what: string, limit: number, isGitLabCom: boolean): string {
  return isGitLabCom
    ? `GitLab.com ${what} ${size(limit)}. Make the project smaller first, or move its repository by git.`
    : `A GitLab ${what} ${size(limit)} unless its administrator has raised that. Have the limits of imports checked: Admin area, Settings, General, Import and export settings.`;
}

/** A project whose archive may be too large. */
export interface NotedArchive {
  entity: ReportedEntity;
  bytes: number;
  note: string;
}

/** Those of a plan, the largest first. */
export function notedArchives({
  entities,
  destinationUrl,
}: Pick<Report, 'entities' | 'destinationUrl'>): NotedArchive[] {
  const noted = entities.flatMap(entity => {
    const note = noteOnArchive(entity.archiveBytes, destinationUrl);
    return note === undefined ? [] : [{ entity, bytes: entity.archiveBytes ?? 0, note }];
  });
  return noted.sort((a, b) => b.bytes - a.bytes);
}
