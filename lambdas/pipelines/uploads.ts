import { MigrationError, UnsupportedByDestinationError } from '../domain/errors.ts';
import { onlyPage, type Pipeline } from '../engine/pipeline.ts';
import { pipelineHandler } from '../engine/pipeline-handler.ts';
import { downloadAvatar, updateGroup } from '../gitlab/api/groups.ts';
import { imageTypeOf } from './image-type.ts';

/** The group's avatar. Attachments of descriptions cannot be written through the public API. */
export const uploads: Pipeline<Buffer, FormData, undefined> = {
  name: 'uploads',
  parallel: 1,

  async extract({ entity, source }) {
    const avatar = await downloadAvatar(source, entity.sourceId);
    return onlyPage(avatar === undefined ? [] : [avatar]);
  },

  prepare: async () => undefined,

  nameOf: () => ({ key: 'avatar', title: 'avatar' }),

  transform(bytes) {
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

  // Setting the same avatar again changes nothing, so no look-up is needed.
  async load(form, context) {
    const changed = await updateGroup(context.destination, context.groupId(), { form });
    if (changed.avatar_url !== null) return 'imported';
    throw new UnsupportedByDestinationError(
      'The destination took the avatar and shows none. Upload it by hand.',
    );
  },
};

export const handler = pipelineHandler(uploads);
