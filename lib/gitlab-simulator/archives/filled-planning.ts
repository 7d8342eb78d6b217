import { randomBytes } from 'node:crypto';
import type { GitLabInstance } from '../instance.ts';
import type { SampleGroup } from '../model.ts';
import type { SampleIssue, SampleMergeRequest, SampleProject } from '../project-model.ts';
import type { ArchiveContents } from './archive-reader.ts';
import type { RelationRecords } from './archive-records.ts';

type Relations = ArchiveContents['relations'];
type Issuable = RelationRecords['issues'][number] | RelationRecords['merge_requests'][number];

/** Where the records of an archive find what is here already. */
export interface Surroundings {
  /** The groups above, whose labels and milestones of the same title are used. */
  readonly above: readonly SampleGroup[];
  readonly authorOf: (sourceId: number) => number;
}

/** A milestone as an archive has it: one of the project, or of a group above, which comes with the records that have it. */
interface ArchivedMilestone {
  readonly iid: number | null;
  readonly title: string;
  readonly description: string;
  readonly state: 'active' | 'closed';
  readonly of_group: boolean;
}

/** Makes records of a project out of those of an archive. */
export interface Planning {
  /** Finds or makes the label of a title, and tells the title. */
  label(archived: RelationRecords['labels'][number]): string;
  /** The same for milestones; what was one of the project may get another title instead of that of a group's. */
  milestone(archived: ArchivedMilestone): string;
  issue(archived: RelationRecords['issues'][number]): SampleIssue;
  mergeRequest(archived: RelationRecords['merge_requests'][number]): SampleMergeRequest;
}

/** Fills labels, milestones, issues and merge requests. */
export function fillPlanning(
  instance: GitLabInstance,
  project: SampleProject,
  relations: Relations,
  surroundings: Surroundings,
): void {
  const planning = planningOf(instance, project, surroundings);
  for (const label of relations.labels ?? []) planning.label(label);
  for (const milestone of relations.milestones ?? []) planning.milestone({ ...milestone, of_group: false });
  project.issues = (relations.issues ?? []).map(planning.issue);
  project.mergeRequests = (relations.merge_requests ?? []).map(planning.mergeRequest);
}

/** Makes records for a project, whatever is in it already. */
export function planningOf(
  instance: GitLabInstance,
  project: SampleProject,
  { above, authorOf }: Surroundings,
): Planning {
  const label = labelsOf(instance, project, above);
  const milestone = milestonesOf(instance, project, above);
  const common = (record: Issuable) => ({
    id: instance.nextId(),
    iid: record.iid,
    title: record.title,
    description: record.description,
    authorId: authorOf(record.author_id),
    labels: record.label_links.map(link => label(link.label)),
    milestone: record.milestone && milestone(record.milestone),
    notes: record.notes.map(({ note, author_id: author }) => ({ body: note, authorId: authorOf(author) })),
    createdAt: record.created_at,
  });
  return {
    label,
    milestone,
    issue: record => ({
      ...common(record),
      state: record.state as 'opened' | 'closed',
      confidential: record.confidential,
    }),
    mergeRequest: record => ({
      ...common(record),
      state: record.state,
      sourceBranch: record.source_branch,
      targetBranch: record.target_branch,
    }),
  };
}

function labelsOf(
  instance: GitLabInstance,
  project: SampleProject,
  above: readonly SampleGroup[],
): Planning['label'] {
  const titles = new Set([project, ...above].flatMap(at => at.labels).map(({ title }) => title));
  return ({ title, color, description }) => {
    if (!titles.has(title)) project.labels.push({ id: instance.nextId(), title, color, description });
    titles.add(title);
    return title;
  };
}

function milestonesOf(
  instance: GitLabInstance,
  project: SampleProject,
  above: readonly SampleGroup[],
): Planning['milestone'] {
  const { milestonesRenamed } = instance.archives.behaviour;
  const ofGroups = new Set(above.flatMap(group => group.milestones).map(({ title }) => title));
  const made = new Map(project.milestones.map(({ title }) => [title, title]));
  return ({ iid: archivedIid, title, description, state, of_group: ofGroup }) => {
    const here = made.get(title);
    if (!ofGroup && here !== undefined) return here;
    const taken = ofGroups.has(title);
    if (taken && (ofGroup || !milestonesRenamed)) return title;
    if (here !== undefined) return here;
    const own = taken ? `${title} (imported-${randomBytes(1).toString('hex')}-${seconds()})` : title;
    const iids = project.milestones.map(({ iid }) => iid);
    const iid = archivedIid !== null && !iids.includes(archivedIid) ? archivedIid : Math.max(0, ...iids) + 1;
    project.milestones.push({ id: instance.nextId(), iid, title: own, description, state });
    made.set(title, own);
    return own;
  };
}

const seconds = () => Math.floor(Date.now() / 1000);
