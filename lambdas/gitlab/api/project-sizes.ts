import * as z from 'zod/mini';
import type { GitLabClient } from '../client.ts';
import { projectSchema } from './projects.ts';

const bytes = z.nullish(z.number());

/** What the archive of a project is made of. Job artifacts, packages and images are in none. */
const PARTS = {
  repository_size: bytes,
  wiki_size: bytes,
  lfs_objects_size: bytes,
  snippets_size: bytes,
  uploads_size: bytes,
};
const sizedSchema = z.extend(projectSchema, { statistics: z.nullish(z.object(PARTS)) });
/** A project with what its GitLab says of its sizes, which it does to Reporters and up. */
export type SizedProject = z.infer<typeof sizedSchema>;

/** `GET /projects/:id?statistics=true`. @throws NetworkError 404 for one that is not there, or not visible */
export function getSizedProject(client: GitLabClient, id: number): Promise<SizedProject> {
  return client.rest({
    operation: 'read the project',
    path: `/projects/${id}`,
    query: { statistics: true },
    schema: sizedSchema,
  });
}

/**
 * Bytes that the archive of a project will roughly hold: what the GitLab counts is what it stores, and little of that can be
 * packed any smaller. `null` where it does not say; parts that its version does not know count as none.
 */
export function archiveBytesOf({ statistics }: Pick<SizedProject, 'statistics'>): number | null {
  if (statistics == null) return null;
  const sizes = Object.keys(PARTS).map(name => statistics[name as keyof typeof PARTS] ?? 0);
  const sum = sizes.reduce((total, size) => total + Math.max(0, size), 0);
  return Number.isSafeInteger(sum) ? sum : null;
}
