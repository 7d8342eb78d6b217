import { UnsupportedByDestinationError } from '../domain/errors.ts';
import { mayLackLicense, NEEDS_PREMIUM } from '../engine/edition.ts';
import { isOnlyPlanned } from '../engine/planned.ts';
import { Change, onlyPage, type PipelineContext, present, type Relation } from '../engine/relation.ts';
import { differences, requireShown } from '../engine/shown.ts';
import { knownGroup, sourceGroup } from '../engine/source-group.ts';
import { hasPremium } from '../gitlab/api/group-query.ts';
import {
  countWikiPages,
  createWikiPage,
  listWikiPages,
  updateWikiPage,
  type WikiPage,
  type WikiPageAttributes,
} from '../gitlab/api/wikis.ts';
import { isTooLarge, status } from '../gitlab/client-errors.ts';
import { isCommunity } from '../gitlab/version.ts';

/** The cursor of the pages of a wiki whose size is known to be too large, and that are counted already. */
const COUNTED = 'counted';

/**
 * Pages of the group's wiki, as they are now: not their history, and not the files that were attached to them. All of
 * them are read at once, since GitLab does not page them. A wiki that is larger than a response may be is not moved,
 * and counted, so that its failure says how many pages are missing.
 */
export const wikis: Relation<WikiPage, WikiPageAttributes, Map<string, WikiPage>> = {
  name: 'wikis',
  pipelineClass: 'BulkImports::Common::Pipelines::WikiPipeline',
  relation: 'wikis',
  edition: 'premium',
  // Each page is a commit to one repository.
  parallel: 1,

  // A group without a licence has none, and need not be asked for them.
  part: { only: 'epicsEnabled', page: ({ hasPremium }) => (hasPremium === false ? onlyPage([]) : undefined) },

  async read(context, cursor) {
    const { bulkImport, entity, source } = context;
    if (isCommunity(bulkImport.sourceVersion)) return onlyPage([]);
    if ((await sourceGroup(context)).wiki_access_level === 'disabled') return onlyPage([]);
    try {
      const pages = await listWikiPages(source, entity.sourceId);
      return onlyPage(pages.sort((a, b) => (a.slug < b.slug ? -1 : 1)));
    } catch (error) {
      // GitLab refuses a group without a licence as it refuses somebody who may not read the wiki.
      const isUnlicensed = mayLackLicense(error) && (await hasPremium(source, knownGroup(entity))) === false;
      if (isUnlicensed) return onlyPage([]);
      if (!isTooLarge(error) || cursor === COUNTED) throw error;
      return { records: [], next: COUNTED, total: await countWikiPages(source, entity.sourceId) };
    }
  },

  async existing({ destination, entity, target }) {
    try {
      const pages = await listWikiPages(destination, target().id);
      return new Map(pages.map(page => [page.slug, page]));
    } catch (error) {
      if (!mayLackLicense(error)) throw error;
      const group = { id: target().id, fullPath: entity.destinationFullPath ?? '' };
      if (await hasPremium(destination, group)) throw error;
      throw withoutWikis(error.reason);
    }
  },

  nameOf: ({ slug }) => ({ key: slug, title: slug }),

  want: ({ slug, format, content, front_matter: frontMatter }) => ({
    slug,
    format,
    content,
    ...present({ front_matter: filled(frontMatter) }),
  }),

  decide(wanted, existing) {
    const found = existing.get(wanted.slug);
    if (found === undefined) return 'create';
    const differs = differences(wanted, found);
    return differs.size === 0 ? 'keep' : new Change(differs.values());
  },

  // What the source's page does not begin with is not to be there either; an import does not take it away.
  differences(_, wanted, __, existing) {
    const found = existing.get(wanted.slug);
    if (found === undefined) return undefined;
    const asked = { ...wanted, front_matter: filled(wanted.front_matter) ?? null };
    return [...differences(asked, { ...found, front_matter: filled(found.front_matter) }).values()];
  },

  // GitLab tells this from other refusals by its words alone; what is not there was refused for another reason.
  isTakenHere: status(400),

  planned: {
    existing: async () => new Map(),
    // Whether a group that does not exist yet will have a wiki is a matter of the licence.
    outlook: (_, __, context) => ({ writes: 1, isUnknown: isOnlyPlanned(context) }),
  },

  create: (wanted, context, existing) => write(createWikiPage, wanted, context, existing),
  change: (wanted, context, existing) => write(updateWikiPage, wanted, context, existing),
};

/** What a page begins with, where that is something. */
const filled = (frontMatter: WikiPage['front_matter']) =>
  frontMatter && Object.keys(frontMatter).length > 0 ? frontMatter : undefined;

async function write(
  request: typeof createWikiPage,
  wanted: WikiPageAttributes,
  { destination, target }: PipelineContext,
  existing: Map<string, WikiPage>,
): Promise<void> {
  const shown = await request(destination, target().id, wanted);
  existing.set(shown.slug, shown);
  requireShown(wanted, shown, 'wiki page');
}

function withoutWikis(reason: string): UnsupportedByDestinationError {
  return new UnsupportedByDestinationError(
    `The group's wiki ${NEEDS_PREMIUM} at the destination, and not to be disabled there (${reason}). Copy it by hand, or import again when that is so.`,
  );
}
