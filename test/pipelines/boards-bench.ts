import type { SampleBoardSeed, SampleGroup } from '../../lib/gitlab-simulator/model.ts';
import type { SampleGitLabOptions } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { ACME, startBench } from '../support/service/pipeline-bench.ts';

/** The labels that boards have lists of: at both GitLabs, since the boards pipeline runs after that of the labels. */
export const LABELS = { labels: [{ title: 'doing' }, { title: 'review' }, { title: 'backend' }] };

/** A group with these boards, and one at the destination that has all but them. */
export async function startBoards(boards: SampleBoardSeed[], destination: SampleGitLabOptions = {}) {
  const bench = await startBench({ destination });
  bench.source.addGroup({ name: 'Acme', path: 'acme', ...LABELS, boards });
  const group = bench.addDestinationGroup({ name: 'Acme', path: 'acme', ...LABELS });
  return { bench, group, migration: await bench.migration('boards', ACME) };
}

/** What boards of Premium are about, besides labels: a milestone, and Ada, who is a member. */
export const CONTENTS = {
  labels: [{ title: 'doing' }, { title: 'backend' }],
  milestones: [{ title: '1.0' }],
};
const MEMBERS = [{ username: 'ada', accessLevel: 30 } as const];

/** Two GitLabs that have Ada. @returns them, with her at the destination as `there` */
export async function startBenchWithAda(destination: SampleGitLabOptions = {}) {
  const bench = await startBench({ destination });
  const ada = { username: 'ada', publicEmail: 'ada@public.example' };
  bench.source.addUser(ada);
  return { bench, there: bench.destination.addUser(ada) };
}

/** The same as `startBoards`, with all that boards of Premium are about. */
export async function startPremiumBoards(boards: SampleBoardSeed[], destination: SampleGitLabOptions = {}) {
  const { bench, there } = await startBenchWithAda(destination);
  bench.source.addGroup({ name: 'Acme', path: 'acme', ...CONTENTS, members: MEMBERS, boards });
  const group = bench.addDestinationGroup({ name: 'Acme', path: 'acme', ...CONTENTS, members: MEMBERS });
  return { bench, group, there, migration: await bench.migration('boards', ACME) };
}

/** A board with all that one can have. */
export const RICH: SampleBoardSeed = {
  name: 'Rich',
  labels: ['backend'],
  milestone: '1.0',
  assignee: 'ada',
  weight: 5,
  lists: [{ milestone: '1.0' }, { assignee: 'ada' }, { label: 'doing' }],
};

/** Names of the boards with the labels that their lists show, in order. */
export const shownBy = ({ boards }: SampleGroup) =>
  boards.map(({ name, lists }) => [name, ...lists.map(({ label }) => label?.title)]);

/** The same, with whether the first column is hidden. */
export const shownWithColumn = (group: SampleGroup) =>
  shownBy(group).map(([name, ...labels], index) => [name, group.boards[index]?.hideBacklogList, ...labels]);
