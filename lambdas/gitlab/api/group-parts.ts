import * as z from 'zod/mini';
import { LIST } from '../budgets.ts';
import { list } from '../schemas.ts';
import type { Board } from './boards.ts';
import { globalId } from './global-id.ts';
import {
  BOARD_FIELDS,
  boardListSchema,
  boardSchema,
  ENTERPRISE_LIST_FIELDS,
  LIST_FIELDS,
  SCOPE_FIELDS,
} from './graphql-boards.ts';
import type { Label } from './labels.ts';
import type { Milestone } from './milestones.ts';
import { pageInfoSchema, SOURCE_MEMBER_FIELDS, sourceMemberSchema } from './source-members.ts';

/* What a group holds, as one GraphQL document asks for it, in the shapes that REST gives. */

const absent = <T extends z.ZodMiniType>(schema: T) => z.optional(z.nullable(schema));
const hasNextPage = z.object({ hasNextPage: z.boolean() });
const PAGE_INFO = 'pageInfo { hasNextPage endCursor }';

/** One page of a list whose elements are all there. */
const pageOf = <T>(record: z.ZodMiniType<T>) => z.object({ nodes: list(record), pageInfo: pageInfoSchema });

/** Labels of the group itself: without `onlyGroupLabels` GitLab adds those of its projects. */
export const LABELS = {
  arguments: 'onlyGroupLabels: true, includeAncestorGroups: false, includeDescendantGroups: false',
  fields: `nodes { id title color description } ${PAGE_INFO}`,
  schema: pageOf<Label>(
    z.pipe(
      z.object({ id: globalId, title: z.string(), color: z.string(), description: absent(z.string()) }),
      z.transform(({ title, ...label }: Omit<Label, 'name'> & { title: string }) => ({
        ...label,
        name: title,
      })),
    ),
  ),
};

const milestoneFields = z.object({
  id: globalId,
  iid: z.string().check(z.regex(/^\d{1,15}$/)),
  title: z.string(),
  description: absent(z.string()),
  state: z.string(),
  startDate: absent(z.string()),
  dueDate: absent(z.string()),
});

/** A day as REST has it. GraphQL's may have a time. */
const dayOf = (time: string | null | undefined) => time?.slice(0, 'YYYY-MM-DD'.length) ?? null;

export const MILESTONES = {
  arguments: 'includeAncestors: false, includeDescendants: false',
  fields: `nodes { id iid title description state startDate dueDate } ${PAGE_INFO}`,
  schema: pageOf<Milestone>(
    z.pipe(
      milestoneFields,
      z.transform(({ iid, startDate, dueDate, ...milestone }: z.infer<typeof milestoneFields>) => ({
        ...milestone,
        iid: Number(iid),
        start_date: dayOf(startDate),
        due_date: dayOf(dueDate),
      })),
    ),
  ),
};

export const MEMBERS = {
  arguments: 'relations: $relations',
  fields: `nodes { ${SOURCE_MEMBER_FIELDS} } ${PAGE_INFO}`,
  schema: z.object({ nodes: list(z.nullable(sourceMemberSchema)), pageInfo: pageInfoSchema }),
};

/** Lists of a board that are asked for. A board with more is for REST, which shows all. */
const LISTS_PER_BOARD = 50;
/** Boards that are asked for: each costs 50 points. A group with more is for REST. */
const BOARDS_PER_GROUP = 10;

/** @param isEnterprise whether the GitLab has lists of milestones and users, and scopes of boards, in its schema */
export const boardsSelection = (isEnterprise: boolean): string => {
  const enterpriseFields = isEnterprise ? `${ENTERPRISE_LIST_FIELDS} iteration { id }` : '';
  return `boards(first: ${BOARDS_PER_GROUP}) { nodes { ${BOARD_FIELDS} ${isEnterprise ? SCOPE_FIELDS : ''}
    lists(first: ${LISTS_PER_BOARD}) { nodes { listType ${LIST_FIELDS} ${enterpriseFields} } pageInfo { hasNextPage } } }
    pageInfo { hasNextPage } }`;
};

const listOfBoard = z.intersection(
  boardListSchema,
  z.object({ listType: z.string(), iteration: absent(z.object({ id: globalId })) }),
);
const whole = <T>(nodes: z.ZodMiniType<T[]>) =>
  z
    .object({ nodes, pageInfo: hasNextPage })
    .check(z.refine(({ pageInfo }: { pageInfo: { hasNextPage: boolean } }) => !pageInfo.hasNextPage));

/** All boards of a group; no fit for some of them. REST does not show the two fixed columns, and nor does this. */
export const boardsSchema: z.ZodMiniType<Board[]> = z.pipe(
  whole(
    list(
      z.intersection(
        boardSchema,
        z.object({ lists: whole(list(listOfBoard, LIST.elements)) }),
      ) as unknown as z.ZodMiniType<
        Omit<Board, 'lists'> & { lists: { nodes: z.infer<typeof listOfBoard>[] } }
      >,
    ),
  ),
  z.transform(({ nodes }) =>
    nodes.map(
      ({ lists, ...board }): Board => ({
        ...board,
        lists: lists.nodes
          .filter(({ listType }) => !/^(backlog|closed)$/i.test(listType))
          .map(({ listType: _, ...shown }) => shown),
      }),
    ),
  ),
) as unknown as z.ZodMiniType<Board[]>;

/** Whether there are projects. REST lists them, with what GraphQL does not show in every version. */
export const PROJECTS = {
  selection: 'projects(includeSubgroups: false, first: 1) { nodes { id } }',
  schema: z.object({ nodes: list(z.object({ id: globalId })) }),
};

/** Direct subgroups, since GitLab 14.9. */
export const SUBGROUPS = {
  selection: `descendantGroups(includeParentDescendants: false, first: 100) {
    nodes { id name path fullPath } pageInfo { hasNextPage } }`,
  schema: whole(list(z.object({ id: globalId, name: z.string(), path: z.string(), fullPath: z.string() }))),
};
