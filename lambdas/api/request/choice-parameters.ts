import * as z from 'zod/mini';
import { CHOICES, chosenRelations, type SourceType } from '../../domain/choices.ts';
import { words } from './parameters.ts';

const allNames = (choice: keyof typeof CHOICES) =>
  [...new Set(Object.values(CHOICES[choice]).flatMap(names => Object.keys(names)))].join(', ');

/** What an entity is asked to leave out, and to bring besides. */
export const choiceShape = {
  excluded_relations: words(
    z.describe(
      `What is neither read nor written, for this group and all below it; an array, or one text with commas. Names: ${allNames('excluded')}. Of a project only members and project_attributes.`,
    ),
  ),
  included_relations: words(
    z.describe(
      `What is moved only when it is asked for; an array, or one text with commas. Names: ${allNames('included') || 'none so far'}.`,
    ),
  ),
};

interface Given {
  source_type: SourceType;
  excluded_relations: string[];
  included_relations: string[];
}

/**
 * What is wrong with the names that were given. Where a parameter could not be read, its own problem is told and not
 * this.
 *
 * @param nameOf how a parameter is called in messages, e.g. `entities[0][excluded_relations]`
 */
export function choiceProblems(given: Partial<Given>, nameOf: (name: string) => string): string[] {
  const { source_type: type, excluded_relations: excluded = [], included_relations: included = [] } = given;
  if (type === undefined) return [];
  return [...problemOf('excluded', type, excluded, nameOf), ...problemOf('included', type, included, nameOf)];
}

function problemOf(
  choice: keyof typeof CHOICES,
  type: SourceType,
  given: readonly string[],
  nameOf: (name: string) => string,
): string[] {
  const names = CHOICES[choice][type];
  if (given.every(name => Object.hasOwn(names, name))) return [];
  const whole = type === 'project_entity' ? '; the archive of a project comes as a whole' : '';
  const allowed = Object.keys(names).join(', ') || 'none';
  return [`${nameOf(`${choice}_relations`)} has a value not allowed (allowed: ${allowed}${whole})`];
}

/** Relations by whether they are moved, as far as that was asked for. */
export function chosen(given: Partial<Given>): Record<string, boolean> {
  const { source_type: type, excluded_relations: excluded = [], included_relations: included = [] } = given;
  // What could not be read is absent here, and its problem is told.
  return type === undefined ? {} : chosenRelations(type, excluded, included);
}
