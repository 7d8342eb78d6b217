import * as z from 'zod/mini';
import { LONGEST_MESSAGE } from '../domain/failure-message.ts';
import type { Item } from './item.ts';
import { countKeyed, inTable, type KeyedRange } from './keyed-items.ts';
import { auditPrefix, importPk, keys } from './keys.ts';
import { putItem, putItems } from './table.ts';
import { queryItems } from './table-queries.ts';
import { changeItem } from './table-updates.ts';

const VERSION = 1;

/**
 * What became of a write. `sent` until that is known. `found`: no answer came, and the record was there when it was looked
 * for. `not_found`: none came, and it was not, so that it was sent again. `not_sent`: there was no connection.
 */
export const AUDIT_RESULTS = [
  'sent',
  'created',
  'updated',
  'deleted',
  'refused',
  'found',
  'not_found',
  'not_sent',
] as const;
export type AuditResult = (typeof AUDIT_RESULTS)[number];

const auditEventSchema = z.object({
  v: z.literal(VERSION),
  importId: z.int(),
  entityId: z.int(),
  /** The order of the events of an entity: by the moment at which they were written down. */
  key: z.string(),
  /** GitLab's name of the relation that has written. */
  relation: z.string(),
  attempt: z.int(),
  /** When it was written down, just before it was sent. */
  at: z.string(),
  /** When its result was; `null` until then. */
  doneAt: z.nullable(z.string()),
  /** In the infinitive: `create the label`. */
  operation: z.string(),
  method: z.string(),
  /** Without query. */
  path: z.string(),
  kind: z.enum(['create', 'change', 'delete']),
  /** GitLab's name of the kind of record. */
  target: z.string(),
  targetId: z.nullable(z.int()),
  title: z.nullable(z.string()),
  /** Title of the record that it is a part of. */
  within: z.nullable(z.string()),
  /** Names of the attributes that were sent, and no values. */
  attributes: z.array(z.string()),
  result: z.enum(AUDIT_RESULTS),
  status: z.nullable(z.int()),
  /** By which the destination's log can be searched. */
  requestId: z.nullable(z.string()),
});

/** One record that was written, or was to be, at the destination. */
export type AuditEvent = Omit<z.infer<typeof auditEventSchema>, 'v'>;

function toItem(event: AuditEvent): Item {
  const { importId, entityId, key, title, within, attributes, path } = event;
  return {
    ...keys.auditEvent(importId, entityId, key),
    v: VERSION,
    ...event,
    title: title === null ? null : cutTitle(title),
    within: within === null ? null : cutTitle(within),
    path: path.slice(0, LONGEST_PATH),
    attributes: attributes.slice(0, MOST_ATTRIBUTES).map(cutTitle),
  };
}

function fromItem(item: Item): AuditEvent {
  const { v: _, ...event } = auditEventSchema.parse(item);
  return event;
}

/** GitLab's own longest path of a page is 4,096 bytes, which most people need a tenth of. */
const LONGEST_PATH = 2_048;
const MOST_ATTRIBUTES = 100;

/** As much of a title as an event keeps. */
export const cutTitle = (title: string): string =>
  title.slice(0, LONGEST_MESSAGE).replace(/[\uD800-\uDBFF]$/, '');

/** Writes events, in place of those that have their keys. */
export async function putAuditEvents(events: readonly AuditEvent[]): Promise<void> {
  const [first, ...others] = events.map(toItem);
  if (first === undefined) return;
  await (others.length === 0 ? putItem(first) : putItems([first, ...others]));
}

/** Writes what became of a write, unless that is known already. @returns whether it was not */
export async function settleAuditEvent(event: AuditEvent): Promise<boolean> {
  const { importId, entityId, key, result, status, requestId, targetId, doneAt } = event;
  return changeItem(keys.auditEvent(importId, entityId, key), {
    set: { result, status, requestId, targetId, doneAt },
    when: [
      {
        expression: '#result = :sent',
        names: { '#result': 'result' },
        values: { ':sent': 'sent' },
        needsItem: true,
      },
    ],
  });
}

/** Events of an entity, the oldest first. */
export async function listAuditEvents(
  importId: number,
  entityId: number,
  range: KeyedRange = {},
): Promise<AuditEvent[]> {
  return (await queryItems(importPk(importId), inTable(auditPrefix(entityId), range))).map(fromItem);
}

/** Events of an entity of which nobody knows what became of their writes. */
export async function listOpenAuditEvents(importId: number, entityId: number): Promise<AuditEvent[]> {
  return (await listAuditEvents(importId, entityId)).filter(({ result }) => result === 'sent');
}

/** Counts events of an entity, as `countKeyed` does. */
export const countAuditEvents = (importId: number, entityId: number, range: KeyedRange) =>
  countKeyed(importId, auditPrefix(entityId), range);
