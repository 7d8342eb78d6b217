import { Change, onlyPage, type PipelineContext, type Relation } from '../engine/relation.ts';
import { getGroup } from '../gitlab/api/groups.ts';
import { type Project, updateProject } from '../gitlab/api/projects.ts';
import { isRefusal } from '../gitlab/client-errors.ts';
import { refusedAttributes } from '../gitlab/refusals.ts';
import { recordOtherAttribute, recordRefusedAttribute } from './attribute-failures.ts';
import { visibilityWithin } from './group-rules.ts';
import {
  type Attributes,
  differingAttributes,
  notAsAsked,
  requestOf,
  shownName,
} from './project-attributes-wanted.ts';
import { foundProject, sourceProject, writableProject } from './projects-of-entity.ts';

/** What to do by hand, where it is more than to set the attribute. */
const REMEDIES: Readonly<Record<string, string>> = {
  visibility: 'Raise the visibility of its group first if need be, and set it by hand.',
  default_branch: 'Push that branch to the destination, and set it by hand.',
  emails_disabled: 'Only an Owner may set it: have one do so.',
  shared_runners_enabled: 'Allow instance runners in its group, and set it by hand.',
};
const BY_HAND = 'Check whether its edition, its settings and the group allow it, and set it by hand.';

/**
 * The attributes that the archive leaves out, and those that were lost on the way: compared, and what differs is set by
 * one request. A project that came archived is unarchived, and stays so until the finisher.
 */
export const projectAttributes: Relation<Project, Project, undefined> = {
  name: 'project_attributes',
  pipelineClass: 'BulkImports::Projects::Pipelines::ProjectAttributesPipeline',
  relation: 'project_attributes',
  parallel: 1,

  read: async context => onlyPage([await sourceProject(context)]),
  existing: async () => undefined,
  nameOf: ({ id, path_with_namespace: fullPath }) => ({ key: String(id), title: fullPath }),
  want: found => found,
  isAbout: () => true,

  async decide(found, _, context) {
    const there = await foundProject(context);
    const wanted = await attributesToSet(found, there, context);
    return Object.keys(wanted).length === 0 ? 'keep' : new Change(notAsAsked(wanted, there).values());
  },

  async change(found, context) {
    const { name } = found;
    const asked = await attributesToSet(found, await writableProject(context), context);
    for (const { attribute, words } of await set(asked, found, context)) {
      await recordRefusedAttribute(context, name, {
        attribute,
        value: asked[attribute],
        // Our own full stop follows.
        words: words.replace(/\.+$/, ''),
        advice: REMEDIES[attribute] ?? BY_HAND,
      });
    }
  },
};

/** What is to be set at the destination. */
async function attributesToSet(
  found: Project,
  there: Project,
  context: PipelineContext,
): Promise<Attributes> {
  const wanted = differingAttributes(found, there);
  if (wanted.visibility === undefined || there.namespace == null) return wanted;
  // No project is more visible than its group, and none is less for it.
  const { visibility: most } = await getGroup(context.destination, there.namespace.id);
  const visibility = visibilityWithin(found.visibility ?? undefined, most);
  const { visibility: _, ...others } = wanted;
  return visibility === undefined || visibility === there.visibility ? others : { ...others, visibility };
}

interface RefusedAttribute {
  attribute: string;
  /** Why, in the destination's words. */
  words: string;
}

/**
 * Sets attributes together, and without those that the destination refuses by name; where it names none, each by itself.
 * What its response shows otherwise is written down.
 *
 * @returns what it has refused
 */
async function set(
  asked: Attributes,
  project: Project,
  context: PipelineContext,
): Promise<RefusedAttribute[]> {
  const { destination, target } = context;
  const names = Object.keys(asked);
  if (names.length === 0) return [];
  try {
    const shown = await updateProject(destination, target().id, requestOf(asked), project.name);
    for (const [attribute, difference] of notAsAsked(asked, shown)) {
      await recordOtherAttribute(
        context,
        project.name,
        attribute,
        `At the destination ${difference}. ${REMEDIES[attribute] ?? BY_HAND}`,
      );
    }
    return [];
  } catch (error) {
    // A project that is gone is no matter of an attribute.
    if (!isRefusal(error) || error.status === 404) throw error;
    const refused = namedIn(error, names);
    if (refused.length === 0 && names.length === 1)
      return [{ attribute: names[0] as string, words: error.reason }];
    const parts =
      refused.length === 0
        ? names.map(name => ({ [name]: asked[name] }))
        : [without(asked, new Set(refused.map(({ attribute }) => attribute)))];
    for (const part of parts) refused.push(...(await set(part, project, context)));
    return refused;
  }
}

/** Which of these a refusal names. */
function namedIn(error: unknown, names: string[]): RefusedAttribute[] {
  const refused = [...refusedAttributes(error)].map(([name, words]) => ({
    attribute: shownName(name),
    words,
  }));
  return refused.filter(({ attribute }) => names.includes(attribute));
}

function without(attributes: Attributes, names: ReadonlySet<string>): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.has(name)));
}
