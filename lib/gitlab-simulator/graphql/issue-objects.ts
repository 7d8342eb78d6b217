import type { SampleLabel, SampleMilestone } from '../model.ts';

/* What issues are sorted by. Names are the schema's. */

export function presentLabel({ id, title, color, description }: SampleLabel): object {
  return { id: `gid://gitlab/GroupLabel/${id}`, title, color, description };
}

export function presentMilestone(milestone: SampleMilestone): object {
  const { id, iid, title, description, state, startDate, dueDate } = milestone;
  return {
    id: `gid://gitlab/Milestone/${id}`,
    iid: String(iid),
    title,
    description,
    state,
    startDate: startDate && `${startDate}T00:00:00Z`,
    dueDate: dueDate && `${dueDate}T00:00:00Z`,
    groupMilestone: true,
  };
}
