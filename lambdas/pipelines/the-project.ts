import { onlyPage, type PipelineContext, type RecordName } from '../engine/relation.ts';

/** The one record of the relations that carry a project as a whole. */
export interface TheProject {
  /** Numeric id at the source. */
  id: number;
  fullPath: string;
}

/** What these relations have in common. To say which project it is takes no request. */
export const THE_PROJECT = {
  parallel: 1,
  read: async ({ entity }: PipelineContext) =>
    onlyPage<TheProject>([{ id: entity.sourceId, fullPath: entity.sourceFullPath }]),
  nameOf: ({ id, fullPath }: TheProject): RecordName => ({ key: String(id), title: fullPath }),
  want: (project: TheProject) => project,
  isAbout: () => true,
} as const;
