import type { ApiAnswer } from '../answer.ts';
import type { GitLabInstance } from '../instance.ts';
import type { SampleAvatar } from '../model.ts';

/**
 * A picture as the storage of its GitLab sends it. From its own disk, GitLab does not tell what kind of picture it is;
 * a storage that Workhorse reads for the client has a type of its own; and one that the client reads itself is behind
 * a redirect to another host, whose link is signed and must not get the token.
 */
export function downloadOf(instance: GitLabInstance, avatar: SampleAvatar): ApiAnswer {
  if (instance.settings.avatarStorage === 'object') {
    return { status: 200, headers: { 'content-type': 'binary/octet-stream' }, body: avatar.bytes };
  }
  if (instance.signedLink)
    return { status: 302, headers: { location: instance.signedLink(avatar) }, body: '' };
  const filename = encodeURIComponent(avatar.filename);
  return {
    status: 200,
    headers: {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="${filename}"; filename*=UTF-8''${filename}`,
      'content-transfer-encoding': 'binary',
    },
    body: avatar.bytes,
  };
}
