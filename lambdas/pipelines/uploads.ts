import { MigrationError, UnsupportedByDestinationError } from '../domain/errors.ts';
import { groupAtDestination } from '../engine/group-at-destination.ts';
import { Change, onlyPage, type Relation } from '../engine/relation.ts';
import { sourceGroup } from '../engine/source-group.ts';
import { downloadAvatar, updateGroup } from '../gitlab/api/groups.ts';
import { imageTypeOf } from './image-type.ts';

/** The group's avatar. Attachments of descriptions cannot be written through the public API. */
export const uploads: Relation<Buffer, FormData, undefined> = {
  name: 'uploads',
  pipelineClass: 'BulkImports::Common::Pipelines::UploadsPipeline',
  relation: 'uploads',
  parallel: 1,

  part: { page: ({ avatarUrl }) => (avatarUrl === null ? onlyPage([]) : undefined) },

  async read(context) {
    const { entity, source } = context;
    if ((await sourceGroup(context)).avatar_url === null) return onlyPage([]);
    const avatar = await downloadAvatar(source, entity.sourceId);
    return onlyPage(avatar === undefined ? [] : [avatar]);
  },

  existing: async () => undefined,

  nameOf: () => ({ key: 'avatar', title: 'avatar' }),

  want(bytes) {
    const image = imageTypeOf(bytes);
    if (image === undefined) {
      throw new MigrationError(
        `The avatar (${bytes.length} bytes) is no PNG, JPEG, GIF, BMP, TIFF, ICO or WebP, and GitLab takes nothing else (no SVG). Upload another one by hand.`,
      );
    }
    const form = new FormData();
    const file = new File([new Uint8Array(bytes)], `avatar.${image.ending}`, { type: image.type });
    form.set('avatar', file);
    return form;
  },

  // Setting the same avatar again changes nothing, so no look-up is needed by whoever may set it.
  decide: async (_, __, context) =>
    context.isClosed && (await groupAtDestination(context)).avatar_url != null ? 'keep' : new Change(),

  // Whether it is the same picture nobody can see without fetching both.
  async differences(_, __, context) {
    return (await groupAtDestination(context)).avatar_url == null ? undefined : [];
  },

  async change(form, context) {
    const changed = await updateGroup(context.destination, context.target().id, { form });
    if (changed.avatar_url !== null) return;
    throw new UnsupportedByDestinationError(
      'The destination took the avatar and shows none. Upload it by hand.',
    );
  },
};
