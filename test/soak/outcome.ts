import { createHash } from 'node:crypto';
import type { SampleGroup } from '../../lib/gitlab-simulator/model.ts';
import { PROJECT_RECORDS } from '../../lib/gitlab-simulator/project-records.ts';
import { keyOf, type RelationRecords } from '../../lib/gitlab-simulator/relation-records.ts';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { contentOf } from '../support/gitlab/source-tree.ts';
import { recordsOf } from './records.ts';
import { senderOf } from './request-turns.ts';
import { ROOT } from './sample-source.ts';
import type { Aftermath } from './world.ts';

/**
 * All that became of a schedule, without what differs from run to run: ids, which go on counting from GitLab to GitLab,
 * and addresses. Two runs of one schedule have the same.
 */
export function outcomeOf(aftermath: Aftermath): Record<string, unknown> {
  const { source, destination, answer, canceled } = aftermath;
  const { record, entities, trackers, failures } = recordsOf(aftermath);
  const outcome = {
    answer,
    canceled,
    status: record?.status,
    entities: entities.map(({ id, status, destinationFullPath, stats }) => ({
      id,
      status,
      destinationFullPath,
      stats,
    })),
    trackers: trackers.map(({ entityId, pipeline, status, counts }) => ({
      entityId,
      pipeline,
      status,
      counts,
    })),
    // A key ends in a digest of what may be an id, and the keys are their order.
    failures: failures
      .map(({ entityId, key, sourceTitle, exceptionMessage }) =>
        JSON.stringify([entityId, key.replace(/#[^#]*$/, ''), sourceTitle, exceptionMessage]),
      )
      .sort(),
    content: contentOf(destination, ROOT),
    projects: destination
      .groups()
      .flatMap(group => [
        group.fullPath,
        ...Object.values(PROJECT_RECORDS).map(records => keysOf(records, group)),
      ]),
    requests: [source, destination].map(({ requests }) =>
      requests.map(request => `${senderOf(request)} ${request.method} ${request.path} ${request.status}`),
    ),
  };
  return JSON.parse(
    JSON.stringify(outcome)
      .replaceAll(portOf(source), '<port of the source>')
      .replaceAll(portOf(destination), '<port of the destination>')
      .replaceAll(/correlation id [\da-f]+/g, 'correlation id')
      // Every sample GitLab counts from another million.
      .replaceAll(/(?<!\d)\d{7,}/g, id => String(Number(id) % 1_000_000)),
  ) as Record<string, unknown>;
}

const keysOf = ({ kinds }: RelationRecords, group: SampleGroup) =>
  kinds.flatMap(({ recordsOf }) => recordsOf(group).map(keyOf));

const portOf = ({ url }: SampleGitLab) => new RegExp(`\\b${new URL(url).port}\\b`, 'g');

/** The same in twelve letters, to compare runs by. */
export function digestOf(aftermath: Aftermath): string {
  return createHash('sha256')
    .update(JSON.stringify(outcomeOf(aftermath)))
    .digest('hex')
    .slice(0, 12);
}
