import { randomBytes } from 'node:crypto';
import type { GitLabInstance } from '../instance.ts';
import type { SampleGroup } from '../model.ts';
import type { SampleProject } from '../project-model.ts';
import type { ArchiveContents } from './archive-reader.ts';
import type { RelationRecords } from './archive-records.ts';

type Relations = ArchiveContents['relations'];
type Issuable = RelationRecords['issues'][number] | RelationRecords['merge_requests'][number];

/** Where the records of an archive find what is here already. */
interface Surroundings {
  /** The groups above, whose labels and milestones of the same title are used. */
  readonly above: readonly SampleGroup[];
  readonly authorOf: (sourceId: number) => number;
}

/** Fills labels, milestones, issues and merge requests. */
export function fillPlanning(
  instance: GitLabInstance,
  project: SampleProject,
  relations: Relations,
  { above, authorOf }: Surroundings,
): void {
  const labelOf = labelsOf(instance, project, above);
  const milestoneOf = milestonesOf(instance, project, above);
  for (const label of relations.labels ?? []) labelOf(label);
  for (const milestone of relations.milestones ?? []) milestoneOf({ ...milestone, of_group: false });
  const common = (record: Issuable) => ({
    id: instance.nextId(),
    iid: record.iid,
    title: record.title,
    description: record.description,
    authorId: authorOf(record.author_id),
    labels: record.label_links.map(({ label }) => labelOf(label)),
    milestone: record.milestone && milestoneOf(record.milestone),
    notes: record.notes.map(({ note, author_id: author }) => ({ body: note, authorId: authorOf(author) })),
    createdAt: record.created_at,
  });
  project.issues = (relations.issues ?? []).map(record => ({
    ...common(record),
    state: record.state as 'opened' | 'closed',
    confidential: record.confidential,
  }));
  project.mergeRequests = (relations.merge_requests ?? []).map(record => ({
    ...common(record),
    state: record.state,
    sourceBranch: record.source_branch,
    targetBranch: record.target_branch,
  }));
}

/** Finds or makes the label of a title, and tells the title. */
function labelsOf(instance: GitLabInstance, project: SampleProject, above: readonly SampleGroup[]) {
  const titles = new Set(above.flatMap(group => group.labels).map(({ title }) => title));
  return ({ title, color, description }: RelationRecords['labels'][number]): string => {
    if (!titles.has(title)) project.labels.push({ id: instance.nextId(), title, color, description });
    titles.add(title);
    return title;
  };
}

/** The same for milestones; what was one of the project may get another title instead of that of a group's. */
function milestonesOf(instance: GitLabInstance, project: SampleProject, above: readonly SampleGroup[]) {
  const { milestonesRenamed } = instance.archives.behaviour;
  const ofGroups = new Set(above.flatMap(group => group.milestones).map(({ title }) => title));
  const made = new Map<string, string>();
  return (archived: {
    title: string;
    description: string;
    state: 'active' | 'closed';
    of_group: boolean;
  }): string => {
    const { title, description, state, of_group: ofGroup } = archived;
    const here = made.get(title);
    if (!ofGroup && here !== undefined) return here;
    const taken = ofGroups.has(title);
    if (taken && (ofGroup || !milestonesRenamed)) return title;
    if (here !== undefined) return here;
    const own = taken ? `${title} (imported-${randomBytes(1).toString('hex')}-${seconds()})` : title;
    const iid = project.milestones.length + 1;
    project.milestones.push({ id: instance.nextId(), iid, title: own, description, state });
    made.set(title, own);
    return own;
  };
}

const seconds = () => Math.floor(Date.now() / 1000);
