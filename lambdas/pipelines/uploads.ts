import { downloadAvatar, updateGroup } from '../gitlab/api/groups.ts';
import { MigrationError } from '../shared/errors.ts';
import { onlyPage, type Pipeline } from './pipeline.ts';
import { pipelineHandler } from './runner.ts';

interface Avatar {
  bytes: Buffer;
  contentType: string;
}

/** File endings of the image types that GitLab takes for an avatar. */
const ENDINGS: Record<string, string> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/gif': 'gif',
  'image/bmp': 'bmp',
  'image/tiff': 'tiff',
  'image/vnd.microsoft.icon': 'ico',
  'image/x-icon': 'ico',
  'image/webp': 'webp',
};

/** The group's avatar. Attachments of descriptions cannot be written through the public API. */
export const uploads: Pipeline<Avatar, FormData, undefined> = {
  name: 'uploads',
  parallel: 1,

  async extract({ entity, source }) {
    const avatar = await downloadAvatar(source, entity.sourceId);
    return onlyPage(avatar === undefined ? [] : [avatar]);
  },

  prepare: async () => undefined,

  nameOf: () => ({ key: 'avatar', title: 'avatar' }),

  transform({ bytes, contentType }) {
    const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
    const ending = ENDINGS[type];
    if (ending === undefined) {
      throw new MigrationError(
        `The avatar is of the type '${type}', which GitLab does not take. Upload another one by hand.`,
      );
    }
    const form = new FormData();
    form.set('avatar', new File([new Uint8Array(bytes)], `avatar.${ending}`, { type }));
    return form;
  },

  // Setting the same avatar again changes nothing, so no look-up is needed.
  async load(form, context) {
    await updateGroup(context.destination, context.groupId(), { form });
    return 'imported';
  },
};

export const handler = pipelineHandler(uploads);
