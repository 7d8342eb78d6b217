import { archive } from './archive.ts';
import { finisher } from './finisher.ts';
import { members } from './members.ts';
import { plannedProject } from './planned-project.ts';
import { project } from './project.ts';
import { projectAttributes } from './project-attributes.ts';
import { projectCounts } from './project-counts.ts';
import { projectExport } from './project-export.ts';
import { projectImport } from './project-import.ts';
import { type AnyRelation, staged } from './staged-relations.ts';

/** The stage table of a project. What is in its archive comes with the import; what is not has a relation after it. */
export const PROJECT_STAGES: readonly (readonly AnyRelation[])[] = [
  [projectExport],
  [archive],
  [project],
  [projectImport],
  [members, projectAttributes],
  [projectCounts],
  [finisher],
];

/** The relations of a project, stage by stage. */
export const PROJECT_RELATIONS = staged(PROJECT_STAGES);

/** What is looked at of a project in place of these before it is moved: to order its archive would be a write. */
export const PLANNED_PROJECT_RELATIONS = staged([[plannedProject], [members]]);

/** What is looked at of a project after it was moved. What its archive has brought is counted with the project itself. */
export const VERIFIED_PROJECT_RELATIONS = staged([[plannedProject], [members, projectAttributes]]);
