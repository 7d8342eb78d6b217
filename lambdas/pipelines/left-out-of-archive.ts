import { NotInArchiveError } from '../domain/errors.ts';
import { messageText } from '../domain/failure-message.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { countLeftOut, LEFT_OUT_KINDS, type LeftOutKind } from '../gitlab/api/project-left-out.ts';

/** How each kind is called, and which relation moves it if the import is asked to. */
const KINDS: Readonly<Record<LeftOutKind, { words: string; movedBy?: string }>> = {
  variables: { words: 'CI variables', movedBy: 'ci_variables' },
  hooks: { words: 'webhooks', movedBy: 'hooks' },
  deploy_keys: { words: 'deploy keys', movedBy: 'deploy_keys' },
  environments: { words: 'environments', movedBy: 'environments' },
  feature_flags: { words: 'feature flags', movedBy: 'feature_flags' },
  images: { words: 'container images' },
  packages: { words: 'packages' },
};

/** So many at least where a GitLab does not say how many. */
const MANY = 2;

/**
 * What a project has at the source that GitLab puts into no archive, and that no relation moves; `many` is two or more. It is
 * noted of the entity.
 */
export async function noteLeftOut({
  source,
  entity,
  noteOnEntity,
}: Pick<PipelineContext, 'source' | 'entity' | 'noteOnEntity'>): Promise<Map<LeftOutKind, number | 'many'>> {
  const left = new Map<LeftOutKind, number | 'many'>();
  for (const kind of LEFT_OUT_KINDS) {
    const { movedBy } = KINDS[kind];
    if (movedBy !== undefined && entity.relations[movedBy] === true) continue;
    const count = await countLeftOut(source, entity.sourceId, kind);
    if (count !== 0) left.set(kind, count);
  }
  const counts = [...left].map(([kind, count]) => [kind, count === 'many' ? MANY : count]);
  noteOnEntity({ notMigrated: Object.fromEntries(counts) });
  return left;
}

/**
 * Says once per project what it has at the source that GitLab puts into no archive.
 *
 * @throws NotInArchiveError that names it; nothing where there is none, or the source does not tell
 */
export async function checkLeftOut(context: PipelineContext): Promise<void> {
  const left = await noteLeftOut(context);
  if (left.size === 0) return;
  throw new NotInArchiveError(
    messageText({
      before: 'No archive of GitLab has these, so that they stay at the source: ',
      quoted: [...left].map(([kind, count]) => `${KINDS[kind].words} (${count})`).join(', '),
      after: '. Set up at the destination by hand what is still needed.',
    }),
  );
}
