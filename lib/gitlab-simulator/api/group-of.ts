import { notFound } from '../answer.ts';
import type { SampleGroup } from '../model.ts';
import { findGroup } from '../permissions.ts';
import type { ApiCall } from '../route.ts';

/**
 * The group of the call's `:id`. Throws a 404 if the current user cannot see it; a read may meet a replica which does
 * not know it yet.
 */
export function groupOf({
  instance,
  currentUser,
  method,
  params,
}: ApiCall<{ readonly id: string }>): SampleGroup {
  const group = findGroup(instance, currentUser, params.id);
  if (method === 'GET' && !instance.isReplicated(group)) throw notFound('Group');
  return group;
}
