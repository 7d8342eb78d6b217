import { SOURCE_TOKEN } from '../../../lib/demo/sample-people.ts';
import type { World } from './world.ts';

/** A sample group with labels, milestones and a board, but without subgroups. */
export const SMALL_GROUP = 'acme/product';

/** The body of the request that migrates one group to a top-level group. */
export function requestFor({ source }: World, fullPath: string, slug: string): string {
  return JSON.stringify({
    configuration: { url: source.gitlab.url, access_token: SOURCE_TOKEN },
    entities: [
      {
        source_type: 'group_entity',
        source_full_path: fullPath,
        destination_slug: slug,
        destination_namespace: '',
      },
    ],
  });
}

/** The body of the request that migrates one project, to a group that is there. */
export function projectRequestFor({ source }: World, fullPath: string, namespace: string): string {
  return JSON.stringify({
    configuration: { url: source.gitlab.url, access_token: SOURCE_TOKEN },
    entities: [
      {
        source_type: 'project_entity',
        source_full_path: fullPath,
        destination_slug: fullPath.slice(fullPath.lastIndexOf('/') + 1),
        destination_namespace: namespace,
      },
    ],
  });
}
