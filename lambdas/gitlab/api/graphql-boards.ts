import * as z from 'zod/mini';
import { LIST } from '../budgets.ts';
import { list } from '../schemas.ts';
import type { ScopeMilestone } from './boards.ts';
import { globalId } from './global-id.ts';

/* Boards as GraphQL shows them, in the shape that REST gives them. */

const absent = <T extends z.ZodMiniType>(schema: T) => z.optional(z.nullable(schema));

/** What every edition shows of a list. */
export const LIST_FIELDS = 'id position label { id title }';
/** What the Enterprise Edition shows of a list besides; the Community Edition refuses a document that asks for it. */
export const ENTERPRISE_LIST_FIELDS = 'milestone { id title } assignee { id username }';
/** What every edition shows of a board besides its lists. */
export const BOARD_FIELDS = 'id name hideBacklogList hideClosedList';
/** A board's scope, which the Enterprise Edition shows, and leaves empty without a licence. */
export const SCOPE_FIELDS = `milestone { id title } assignee { id username } weight
  labels(first: 50) { nodes { id title } pageInfo { hasNextPage } }`;

const labelSchema = z.pipe(
  z.object({ id: globalId, title: z.string() }),
  z.transform(({ id, title }: { id: number; title: string }) => ({ id, name: title })),
);

const milestoneSchema = z.object({ id: globalId, title: z.string() });

/** GitLab's own milestones, such as `Started`, have ids of no record. REST shows none of them, and nor does this. */
const scopeMilestoneSchema = z.pipe(
  z.object({ id: z.string(), title: z.string() }),
  z.transform(({ id, title }: { id: string; title: string }): ScopeMilestone => {
    const number = Number(/\/Milestone\/(\d+)$/.exec(id)?.[1] ?? 0);
    return Number.isSafeInteger(number) && number > 0 ? { id: number, title } : { title };
  }),
);

const userSchema = z.object({ id: globalId, username: z.string() });

/** A list that shows a label, a milestone or a user. */
export const boardListSchema = z.object({
  id: globalId,
  position: absent(z.int()),
  label: absent(labelSchema),
  milestone: absent(milestoneSchema),
  assignee: absent(userSchema),
});

/** The labels of a scope, which are few. More than one page of them are for REST, which shows all. */
const wholeLabels = z
  .object({ nodes: list(labelSchema, LIST.elements), pageInfo: z.object({ hasNextPage: z.boolean() }) })
  .check(z.refine(({ pageInfo }) => !pageInfo.hasNextPage));

const boardFields = z.object({
  id: globalId,
  name: z.string(),
  hideBacklogList: absent(z.boolean()),
  hideClosedList: absent(z.boolean()),
  milestone: absent(scopeMilestoneSchema),
  assignee: absent(userSchema),
  weight: absent(z.int()),
  labels: absent(wholeLabels),
});

/** A board without its lists, with its scope where that was asked for. */
export const boardSchema = z.pipe(
  boardFields,
  z.transform(({ hideBacklogList, hideClosedList, labels, ...board }: z.infer<typeof boardFields>) => ({
    ...board,
    hide_backlog_list: hideBacklogList,
    hide_closed_list: hideClosedList,
    ...(labels && { labels: labels.nodes }),
  })),
);
