import type * as z from 'zod/mini';
import type { AuditEvent } from '../../store/audit-events.ts';
import type { Entity } from '../../store/entity.ts';
import { auditEventSchema } from './audit-event-schema.ts';

/** What a write was, in GitLab's way to name events: `label_created`. */
const PAST = { create: 'created', change: 'updated', delete: 'deleted' } as const;

const snakeCase = (name: string) => name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase();

export function presentAuditEvent(event: AuditEvent, entity: Entity): z.infer<typeof auditEventSchema> {
  const isProject = entity.sourceType === 'project_entity';
  return auditEventSchema.parse({
    id: `${event.entityId}-${event.key}`,
    author_id: entity.userId,
    entity_id: isProject ? entity.projectId : entity.namespaceId,
    entity_type: isProject ? 'Project' : 'Group',
    event_name: `${snakeCase(event.target)}_${PAST[event.kind]}`,
    created_at: event.at,
    details: {
      custom_message: event.operation,
      target_type: event.target,
      target_id: event.targetId,
      target_details: event.title,
      target_part_of: event.within,
      entity_path: entity.destinationFullPath,
      relation: event.relation,
      method: event.method,
      path: event.path,
      attributes: event.attributes,
      result: event.result,
      status: event.status,
      request_id: event.requestId,
      attempt: event.attempt,
      finished_at: event.doneAt,
    },
  });
}
