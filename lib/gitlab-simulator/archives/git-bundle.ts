import { createHash } from 'node:crypto';
import type { SampleRef } from '../project-model.ts';

interface Refs {
  readonly branches: readonly SampleRef[];
  readonly tags: readonly SampleRef[];
  readonly head: string | null;
}

/** A valid git bundle of version 2 that names the refs and carries no objects. */
export function bundleOf({ branches, tags, head }: Refs): Buffer {
  const headSha = branches.find(({ name }) => name === head)?.sha;
  const lines = [
    '# v2 git bundle',
    ...(headSha === undefined ? [] : [`${headSha} HEAD`]),
    ...branches.map(({ name, sha }) => `${sha} refs/heads/${name}`),
    ...tags.map(({ name, sha }) => `${sha} refs/tags/${name}`),
  ];
  // Signature, version 2, no objects.
  const pack = Buffer.from('5041434b0000000200000000', 'hex');
  const trailer = createHash('sha1').update(pack).digest();
  return Buffer.concat([Buffer.from(`${lines.join('\n')}\n\n`), pack, trailer]);
}

/** The refs that a bundle names. */
export function refsOf(bundle: Buffer): Refs {
  const [header = ''] = bundle.toString('latin1').split('\n\n', 1);
  const refs = Buffer.from(header, 'latin1')
    .toString()
    .split('\n')
    .slice(1)
    .map(line => ({ sha: line.slice(0, 40), name: line.slice(41) }));
  const below = (prefix: string) =>
    refs
      .filter(({ name }) => name.startsWith(prefix))
      .map(({ name, sha }) => ({ name: name.slice(prefix.length), sha }));
  const branches = below('refs/heads/');
  const headSha = refs.find(({ name }) => name === 'HEAD')?.sha;
  const head = branches.find(({ sha }) => sha === headSha)?.name ?? branches[0]?.name ?? null;
  return { branches, tags: below('refs/tags/'), head };
}
