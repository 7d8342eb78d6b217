/**
 * What an import can be asked to leave out, or to bring besides, by the names that people give and are shown. Names and
 * not the stage tables, so that the Lambda of a POST loads no relation: `test/pipelines/choices.test.ts` holds one
 * against the other. What is in neither list comes always: without it there is no group or no project.
 */

export type SourceType = 'group_entity' | 'project_entity';

/** A name that people give, and the relation that it stands for. */
type Names = Readonly<Record<string, string>>;

/** What is moved unless it is left out. */
const EXCLUDABLE: Readonly<Record<SourceType, Names>> = {
  group_entity: {
    namespace_settings: 'namespace_settings',
    members: 'members',
    labels: 'labels',
    milestones: 'milestones',
    badges: 'badges',
    wikis: 'wikis',
    boards: 'boards',
    uploads: 'uploads',
    projects: 'project_entities',
    group_attributes: 'group_attributes',
  },
  // All else of a project is in its archive, which GitLab makes and takes as a whole.
  project_entity: { members: 'members', project_attributes: 'project_attributes' },
};

/** What is moved only if it is asked for: nothing so far. */
const INCLUDABLE: Readonly<Record<SourceType, Names>> = { group_entity: {}, project_entity: {} };

/** Of a group that is asked for also what its projects have: groups and projects below it get the same choice. */
function withChildren(names: Readonly<Record<SourceType, Names>>): Readonly<Record<SourceType, Names>> {
  return { ...names, group_entity: { ...names.group_entity, ...names.project_entity } };
}

/** By what is asked for: which names can be left out, or brought besides, and the relations that they stand for. */
export const CHOICES = { excluded: withChildren(EXCLUDABLE), included: withChildren(INCLUDABLE) };

/**
 * Relations by whether they are moved, as an entity keeps them. A name that stands for none is passed over.
 *
 * @param excluded names of what is left out
 * @param included names of what is brought besides
 */
export function chosenRelations(
  sourceType: SourceType,
  excluded: readonly string[],
  included: readonly string[],
): Record<string, boolean> {
  const chosen = (names: Names, given: readonly string[], isMoved: boolean) =>
    given.filter(name => Object.hasOwn(names, name)).map(name => [String(names[name]), isMoved]);
  return Object.fromEntries([
    ...chosen(CHOICES.included[sourceType], included, true),
    ...chosen(CHOICES.excluded[sourceType], excluded, false),
  ]);
}

/** The names of what an entity of this kind leaves out, in the order in which they are declared. */
export function excludedNames(
  sourceType: SourceType,
  relations: Readonly<Record<string, boolean>>,
): string[] {
  const names = Object.entries(CHOICES.excluded[sourceType]);
  return names.filter(([, relation]) => relations[relation] === false).map(([name]) => name);
}
