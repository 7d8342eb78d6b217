import { groupAtDestination } from '../engine/group-at-destination.ts';
import { isOnlyPlanned } from '../engine/planned.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { differences } from '../engine/shown.ts';
import {
  type Group,
  type GroupAttributes,
  getGroup,
  VISIBILITIES,
  type Visibility,
} from '../gitlab/api/groups.ts';
import { isGroupGone } from '../gitlab/client-errors.ts';
import { visibilityWithin } from './group-rules.ts';

/** What of a group is at the destination other than at the source, in words; `undefined` when it is gone. */
export async function differencesOfGroup(
  wanted: GroupAttributes,
  context: PipelineContext,
): Promise<string[] | undefined> {
  const there = isOnlyPlanned(context) ? undefined : await find(() => groupAtDestination(context));
  if (there === undefined) return undefined;
  const { name, path: _, visibility, ...others } = wanted;
  const parentId = there.parent_id;
  const parent = parentId === null ? undefined : await find(() => getGroup(context.destination, parentId));
  const most = visibilityWithin(visibility, parent?.visibility);
  const asked = {
    ...others,
    description: others.description ?? null,
    // One that was taken was evaded by a number.
    ...(!there.name.startsWith(`${name}_`) && { name }),
    // Where an administrator has restricted a level the next lower one was taken.
    ...(isAbove(there.visibility, most) && { visibility: most }),
  };
  return [...differences(asked, there).values()];
}

const levelOf = (visibility: string | undefined) => VISIBILITIES.indexOf(visibility as Visibility);
const isAbove = (one: string, other: string | undefined) =>
  levelOf(one) > levelOf(other) && other !== undefined;

async function find(read: () => Promise<Group>): Promise<Group | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isGroupGone(error)) return undefined;
    throw error;
  }
}
