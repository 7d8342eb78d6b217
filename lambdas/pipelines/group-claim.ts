import { present } from '../engine/relation.ts';
import { findByFullPath } from '../gitlab/api/group-query.ts';
import { type Group, getGroup } from '../gitlab/api/groups.ts';
import { takeMade } from '../store/path-claims.ts';
import { isOurs } from './group-proof.ts';
import { PathClaim } from './path-claim.ts';

/** The claim of a group. */
export class GroupClaim extends PathClaim<Group> {
  protected override lookUp(fullPath: string): Promise<{ id: number } | undefined> {
    return findByFullPath(this.context.destination, fullPath);
  }

  protected override async prove({ id }: { id: number }): Promise<Group | undefined> {
    const { bulkImport, destination, entity } = this.context;
    const group = await getGroup(destination, id);
    const isProved =
      (await isOurs(group, this.context)) &&
      (await takeMade(bulkImport.destinationUrl, { kind: 'group', id }, entity));
    return isProved ? group : undefined;
  }

  /** Notes that the group is the entity's. */
  async settle(group: Group): Promise<void> {
    const { id, full_path: fullPath, visibility } = group;
    const { membership_lock, prevent_sharing_groups_outside_hierarchy } = group;
    const { bulkImport, entity } = this.context;
    await takeMade(bulkImport.destinationUrl, { kind: 'group', id }, entity);
    // Saved with the end of the relation. Whoever is interrupted before finds the group as one in doubt.
    this.context.noteOnEntity({
      namespaceId: id,
      destinationFullPath: fullPath,
      destinationCreatedAt: new Date().toISOString(),
      destinationShown: {
        visibility,
        ...present({ membership_lock, prevent_sharing_groups_outside_hierarchy }),
      },
    });
  }
}
