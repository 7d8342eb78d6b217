import type { GitLabInstance } from '../instance.ts';
import type {
  SampleBadge,
  SampleBoard,
  SampleBoardList,
  SampleGroup,
  SampleLabel,
  SampleMember,
  SampleMilestone,
  SampleUser,
} from '../model.ts';

/** A user wherever one is named. Which 17 brought the address is a guess: files of the 16 time do not have it. */
export function presentUserBasic(instance: GitLabInstance, user: SampleUser) {
  return {
    id: user.id,
    username: user.username,
    ...(instance.versionAtLeast('17.0') && { public_email: user.publicEmail }),
    name: user.name,
    state: 'active',
    locked: false,
    avatar_url: null,
    web_url: `${instance.url}/${user.username}`,
  };
}

export function presentMember(instance: GitLabInstance, member: SampleMember) {
  const user = instance.users.get(member.userId);
  if (!user) throw new Error(`member ${member.id} has no user`);
  const createdBy = member.createdById === null ? undefined : instance.users.get(member.createdById);
  return {
    ...presentUserBasic(instance, user),
    access_level: member.accessLevel,
    created_at: member.createdAt,
    ...(createdBy && { created_by: presentUserBasic(instance, createdBy) }),
    expires_at: member.expiresAt,
    membership_state: 'active',
  };
}

/** A label inside a board. */
export function presentLabelBasic(label: SampleLabel) {
  return {
    id: label.id,
    name: label.title,
    description: label.description,
    description_html: label.description ?? '',
    text_color: textColor(label.color),
    color: label.color,
  };
}

export function presentLabel(label: SampleLabel) {
  return { ...presentLabelBasic(label), subscribed: false };
}

export function presentMilestone(instance: GitLabInstance, milestone: SampleMilestone) {
  const group = instance.groups.get(milestone.groupId);
  const today = new Date().toISOString().slice(0, 10);
  return {
    id: milestone.id,
    iid: milestone.iid,
    group_id: milestone.groupId,
    title: milestone.title,
    description: milestone.description,
    state: milestone.state,
    created_at: milestone.createdAt,
    updated_at: milestone.updatedAt,
    due_date: milestone.dueDate,
    start_date: milestone.startDate,
    expired: milestone.dueDate !== null && milestone.dueDate < today,
    web_url: `${instance.url}/groups/${group?.fullPath}/-/milestones/${milestone.iid}`,
  };
}

export function presentBadge(badge: SampleBadge) {
  return {
    name: badge.name,
    link_url: badge.linkUrl,
    image_url: badge.imageUrl,
    // A group badge has no project to fill the placeholders from.
    rendered_link_url: badge.linkUrl,
    rendered_image_url: badge.imageUrl,
    id: badge.id,
    kind: 'group',
  };
}

export function presentBoardList(instance: GitLabInstance, list: SampleBoardList) {
  return {
    id: list.id,
    label: list.label && presentLabelBasic(list.label),
    position: list.position,
    ...(instance.premium && { max_issue_count: 0, max_issue_weight: 0, limit_metric: null }),
    ...(list.milestone && { milestone: presentMilestone(instance, list.milestone) }),
    ...(list.assignee && { assignee: presentUserBasic(instance, list.assignee) }),
  };
}

/** Of a milestone that GitLab makes up itself it shows the title and nothing else. */
function presentScopeMilestone(instance: GitLabInstance, milestone: NonNullable<SampleBoard['milestone']>) {
  return 'isSpecial' in milestone ? { title: milestone.title } : presentMilestone(instance, milestone);
}

export function presentBoard(instance: GitLabInstance, group: SampleGroup, board: SampleBoard) {
  return {
    id: board.id,
    name: board.name,
    hide_backlog_list: board.hideBacklogList,
    hide_closed_list: board.hideClosedList,
    project: null,
    lists: board.lists.map(list => presentBoardList(instance, list)),
    group: { id: group.id, web_url: `${instance.url}/groups/${group.fullPath}`, name: group.name },
    // The scope of a board is a Premium feature; on Free the four fields are absent, not null.
    ...(instance.premium && {
      milestone: board.milestone && presentScopeMilestone(instance, board.milestone),
      assignee: board.assignee && presentUserBasic(instance, board.assignee),
      labels: board.labels.map(presentLabelBasic),
      weight: board.weight,
    }),
  };
}

/** A group where GitLab names it as a namespace. */
export function presentNamespaceOf(group: SampleGroup) {
  return {
    id: group.id,
    name: group.name,
    path: group.path,
    kind: 'group',
    full_path: group.fullPath,
    parent_id: group.parentId,
  };
}

/** Dark text on a light label, light text on a dark one. */
function textColor(color: string): string {
  const digits =
    color.length === 4 ? [...color.slice(1)].map(digit => digit + digit).join('') : color.slice(1);
  const sum = [0, 2, 4].reduce((total, at) => total + Number.parseInt(digits.slice(at, at + 2), 16), 0);
  return sum > 500 ? '#1F1E24' : '#FFFFFF';
}
