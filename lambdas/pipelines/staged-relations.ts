import type { Relation, StagedEntry } from '../engine/relation.ts';

/** Any relation. What it reads, wants and finds is its own business, and never leaves it. */
// biome-ignore lint/suspicious/noExplicitAny: the three types of a relation fit each other, and nobody else.
export type AnyRelation = Relation<any, any, any>;
export type StagedRelation = AnyRelation & StagedEntry;

/** The relations of a stage table, each with its stage. */
export function staged(stages: readonly (readonly AnyRelation[])[]): readonly StagedRelation[] {
  return stages.flatMap((relations, stage) => relations.map(relation => ({ ...relation, stage })));
}
