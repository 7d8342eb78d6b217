import pLimit from 'p-limit';
import * as z from 'zod/mini';
import { LIST } from '../budgets.ts';
import type { GitLabClient } from '../client.ts';
import { isNotFound, isRefusal, isTooComplex } from '../client-errors.ts';
import { list, shortText } from '../schemas.ts';

/** A group or project that is looked up by full path. */
export interface Sought {
  kind: 'group' | 'project';
  fullPath: string;
}

/** What is asked of each record that is looked up. */
export interface Selection<T> {
  /** Fields as a GraphQL document has them; no connections, which cost by their page size. */
  fields: string;
  schema: z.ZodMiniType<T>;
}

/** Records per document at most. GitLab takes 10,000 characters of it; fifty take about 4,000. */
const MOST_PER_DOCUMENT = 50;
/** Points per document: GitLab's limit is 250 for signed-in users; a record costs 1 and each of its fields 1. */
const POINTS_PER_DOCUMENT = 200;
/** Documents sent at the same time. */
const PARALLEL_DOCUMENTS = 24;

/**
 * Looks up many groups and projects by full path, about fifty per request. GitLab matches paths in any letter case,
 * but old versions only in the exact one (see `exactFullPath`).
 *
 * @returns one element per sought record, in order: `undefined` for what is not there or not seen by the token's user
 */
export async function lookUp<T>(
  client: GitLabClient,
  sought: readonly Sought[],
  selection: Selection<T>,
): Promise<(T | undefined)[]> {
  const distinct = [...new Map(sought.map(one => [keyOf(one), one])).values()];
  const fields = selection.fields.match(/\w+/g)?.length ?? 0;
  const size = Math.min(MOST_PER_DOCUMENT, Math.max(1, Math.floor(POINTS_PER_DOCUMENT / (1 + fields))));
  const limit = pLimit(PARALLEL_DOCUMENTS);
  const found = await Promise.all(
    chunksOf(distinct, size).map(chunk => limit(() => lookUpChunk(client, chunk, selection))),
  );
  const byKey = new Map(found.flat().map((record, index) => [keyOf(distinct[index] as Sought), record]));
  return sought.map(one => byKey.get(keyOf(one)));
}

/** One document; two halves of it where this GitLab's limit of complexity is lower than expected. */
async function lookUpChunk<T>(
  client: GitLabClient,
  sought: readonly Sought[],
  selection: Selection<T>,
): Promise<(T | undefined)[]> {
  const variables = Object.fromEntries(sought.map(({ fullPath }, index) => [`p${index}`, fullPath]));
  const declared = Object.keys(variables).map(name => `$${name}: ID!`);
  const aliases = sought.map(
    ({ kind }, index) => `r${index}: ${kind}(fullPath: $p${index}) { ${selection.fields} }`,
  );
  try {
    const records = await client.graphql({
      operation: 'look up groups and projects',
      query: `query(${declared.join(', ')}) { ${aliases.join('\n')} }`,
      variables,
      schema: z.object(
        Object.fromEntries(sought.map((_, index) => [`r${index}`, z.nullable(selection.schema)])),
      ),
    });
    return sought.map((_, index) => (records[`r${index}`] as T | null) ?? undefined);
  } catch (error) {
    if (!isTooComplex(error) || sought.length === 1) throw error;
    const half = Math.ceil(sought.length / 2);
    const halves = [sought.slice(0, half), sought.slice(half)];
    return (await Promise.all(halves.map(part => lookUpChunk(client, part, selection)))).flat();
  }
}

/**
 * The full path of a group or project in its own spelling; `undefined` when there is none in any. For the GraphQL of
 * old versions, which finds a record under its exact spelling only, as REST does not. REST takes a path of digits for
 * an id, and follows those who were renamed, so neither counts.
 */
export async function exactFullPath(
  client: GitLabClient,
  { kind, fullPath }: Sought,
): Promise<string | undefined> {
  if (/^\d+$/.test(fullPath)) return undefined;
  const path = encodeURIComponent(fullPath);
  try {
    const call =
      kind === 'group'
        ? { path: `/groups/${path}`, query: { with_projects: false }, schema: fullPathOfGroup }
        : { path: `/projects/${path}`, schema: fullPathOfProject };
    const exact = await client.rest({ operation: `look up a ${kind}`, ...call });
    return exact.toLowerCase() === fullPath.toLowerCase() ? exact : undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

const fullPathOfGroup = z.pipe(
  z.object({ full_path: shortText }),
  z.transform(({ full_path }: { full_path: string }) => full_path),
);
const fullPathOfProject = z.pipe(
  z.object({ path_with_namespace: shortText }),
  z.transform(({ path_with_namespace: path }: { path_with_namespace: string }) => path),
);

const typeSchema = z.object({
  type: z.nullable(z.object({ fields: z.nullable(list(z.object({ name: shortText }), LIST.elements)) })),
});

/**
 * The names of the fields that a type has in this GitLab's GraphQL schema; none when it does not tell. A query that
 * names one field too many is refused as a whole, and not of every field is it known since which version it is there.
 */
export async function graphqlFields(client: GitLabClient, type: 'Group'): Promise<Set<string>> {
  try {
    const found = await client.graphql({
      operation: 'describe its GraphQL schema',
      query: `query { type: __type(name: "${type}") { fields { name } } }`,
      variables: {},
      schema: typeSchema,
    });
    return new Set((found.type?.fields ?? []).map(({ name }) => name));
  } catch (error) {
    // It may be forbidden to ask for the schema; then nothing is asked that not every version has.
    if (isRefusal(error) && error.status === 200) return new Set();
    throw error;
  }
}

const keyOf = ({ kind, fullPath }: Sought) => `${kind} ${fullPath}`;

function chunksOf<T>(elements: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let from = 0; from < elements.length; from += size) chunks.push(elements.slice(from, from + size));
  return chunks;
}
