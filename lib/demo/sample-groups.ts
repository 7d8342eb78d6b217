import { ACCESS_LEVELS, type SampleAvatar, type SampleGroupSeed } from '../gitlab-simulator/model.ts';
import {
  COMPANY_LABELS,
  DESIGN_LABELS,
  INFRASTRUCTURE_LABELS,
  MOBILE_LABELS,
  PEOPLE_LABELS,
  PRODUCT_LABELS,
  SERVICE_LABELS,
  SUPPORT_LABELS,
  WORKFLOW_LABELS,
} from './sample-labels.ts';
import { CHECKOUT, DEPLOYMENT, HANDBOOK, KNOWLEDGE_BASE, LOGOS } from './sample-projects.ts';

const { developer, guest, maintainer, owner, reporter } = ACCESS_LEVELS;

function avatar(filename: string, base64: string): SampleAvatar {
  return { filename, contentType: 'image/png', bytes: Buffer.from(base64, 'base64') };
}

/** Of a contract. GitLab takes no date in the past. */
const END_OF_NEXT_YEAR = `${new Date().getFullYear() + 1}-12-31`;

const status = (name: string, page: string) => ({
  name,
  linkUrl: `https://status.acme.example/${page}`,
  imageUrl: `https://status.acme.example/${page}.svg`,
});

const PIPELINE_BADGE = {
  name: 'pipeline',
  linkUrl: 'https://gitlab.acme.example/%{project_path}/-/pipelines',
  imageUrl: 'https://gitlab.acme.example/%{project_path}/badges/%{default_branch}/pipeline.svg',
};

const lists = (...titles: string[]) => titles.map(label => ({ label }));

/** The groups of a company, parents first: 12 groups on 3 levels. */
export const SAMPLE_GROUPS: readonly SampleGroupSeed[] = [
  {
    name: 'Acme',
    path: 'acme',
    description: 'Everything that Acme builds, in one place',
    visibility: 'public',
    avatar: avatar(
      'acme.png',
      'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAIAQMAAAD+wSzIAAAABlBMVEVrT7v////XOmZHAAAAFklEQVR42mNgYJBgUGFwYqgDYicGBgAKqAGB8p6bbQAAAABJRU5ErkJggg==',
    ),
    settings: { preventSharingGroupsOutsideHierarchy: true, projectCreationLevel: 'maintainer' },
    labels: COMPANY_LABELS,
    milestones: [
      { title: '2024', description: 'Goals of the year', state: 'closed', startDate: '2024-01-01' },
      { title: '2025', description: 'Goals of the year', startDate: '2025-01-01', dueDate: '2025-12-31' },
    ],
    badges: [status('uptime', 'all'), PIPELINE_BADGE],
    boards: [{ name: 'Company goals', lists: lists('priority::1', 'priority::2', 'priority::3') }],
    members: [
      { username: 'olivia', accessLevel: owner },
      { username: 'amara', accessLevel: owner },
      { username: 'karl', accessLevel: developer },
      { username: 'george', accessLevel: guest },
    ],
  },
  {
    name: 'Platform',
    path: 'platform',
    parent: 'acme',
    description: 'The services behind every product',
    visibility: 'internal',
    avatar: avatar(
      'platform.png',
      'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAIAQMAAAD+wSzIAAAABlBMVEUfdcv////HJykrAAAAE0lEQVR42mNgYKhhcAJiBzBkAAARTgH7sJfHZwAAAABJRU5ErkJggg==',
    ),
    labels: WORKFLOW_LABELS,
    milestones: [
      { title: '17.0', state: 'closed', startDate: '2025-01-13', dueDate: '2025-02-14' },
      { title: '17.1', state: 'closed', startDate: '2025-02-17', dueDate: '2025-03-21' },
      { title: '17.2', description: 'Faster checkout', startDate: '2025-03-24', dueDate: '2025-04-25' },
    ],
    badges: [status('services', 'platform')],
    boards: [
      {
        name: 'Delivery',
        hideBacklogList: true,
        lists: [...lists('workflow::ready', 'workflow::in progress'), { milestone: '17.2' }],
      },
      { name: 'Incidents', lists: lists('type::incident', 'priority::1') },
    ],
    members: [
      { username: 'ben', accessLevel: maintainer },
      { username: 'chiara', accessLevel: developer },
    ],
    projects: [HANDBOOK, DEPLOYMENT],
  },
  {
    name: 'Backend',
    path: 'backend',
    parent: 'acme/platform',
    description: 'One label per service, so that every issue finds its owner',
    labels: SERVICE_LABELS,
    milestones: [{ title: 'Move to PostgreSQL 17', dueDate: '2025-06-30' }],
    boards: [{ name: 'Backend', lists: lists('workflow::in review', 'workflow::blocked') }],
    members: [{ username: 'devi', accessLevel: maintainer }],
    projects: [CHECKOUT],
  },
  {
    name: 'Infrastructure',
    path: 'infrastructure',
    parent: 'acme/platform',
    description: 'Clusters, networks, on-call',
    visibility: 'private',
    settings: { requireTwoFactorAuthentication: true, twoFactorGracePeriod: 24, lfsEnabled: false },
    labels: INFRASTRUCTURE_LABELS,
    badges: [status('clusters', 'clusters'), status('network', 'network')],
    wikis: [{ slug: 'on-call/first-steps', content: 'Look at the clusters, then at the network.' }],
    members: [
      { username: 'emil', accessLevel: maintainer },
      { username: 'chiara', accessLevel: maintainer },
    ],
  },
  {
    name: 'Mobile',
    path: 'mobile',
    parent: 'acme/platform',
    description: 'The apps for Android and iOS',
    labels: MOBILE_LABELS,
    milestones: [
      { title: 'App 8.0', state: 'closed', dueDate: '2025-02-28' },
      { title: 'App 8.1', dueDate: '2025-05-30' },
    ],
    badges: [{ ...PIPELINE_BADGE, name: 'app build' }],
    members: [
      { username: 'fatima', accessLevel: developer },
      { username: 'leah', accessLevel: developer },
    ],
  },
  {
    name: 'Design',
    path: 'design',
    parent: 'acme',
    description: 'How Acme looks, sounds and behaves',
    avatar: avatar(
      'design.png',
      'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAIAQMAAAD+wSzIAAAABlBMVEXvR2//0WZJiXdKAAAAFUlEQVR42mNgYJBgsGGoA0IbIIsBAA0wAaUMcyVcAAAAAElFTkSuQmCC',
    ),
    labels: DESIGN_LABELS,
    boards: [{ name: 'Reviews', lists: [...lists('design::draft', 'design::final'), { assignee: 'hana' }] }],
    members: [
      { username: 'hana', accessLevel: maintainer },
      { username: 'june', accessLevel: developer, expiresAt: END_OF_NEXT_YEAR },
    ],
  },
  {
    name: 'Brand Assets',
    // GitLab of old took such paths; today's rule for slugs does not.
    path: 'Brand--Assets',
    parent: 'acme/design',
    description: 'Logos, fonts, colours',
    projects: [LOGOS],
  },
  {
    name: 'Research',
    path: 'research',
    parent: 'acme/design',
    description: 'What customers told us',
    visibility: 'private',
    milestones: [
      { title: 'Interviews in spring', state: 'closed', startDate: '2025-03-01', dueDate: '2025-04-30' },
      { title: 'Interviews in autumn', startDate: '2025-09-01', dueDate: '2025-10-31' },
    ],
    members: [{ username: 'june', accessLevel: maintainer }],
  },
  {
    name: 'Product',
    path: 'product',
    parent: 'acme',
    description: 'What is next, and why',
    visibility: 'internal',
    labels: PRODUCT_LABELS,
    milestones: [{ title: 'Planning 2026', startDate: '2025-10-01', dueDate: '2025-12-12' }],
    boards: [{ name: 'Roadmap', lists: lists('quarter::now', 'quarter::next', 'quarter::later') }],
    members: [{ username: 'ivan', accessLevel: maintainer }],
  },
  {
    name: 'Support',
    path: 'support',
    parent: 'acme',
    description: 'Help for customers, seven days a week',
    labels: SUPPORT_LABELS,
    badges: [status('help desk', 'support')],
    boards: [{ name: 'Tickets', hideClosedList: true, lists: lists('waiting::customer', 'type::bug') }],
    members: [{ username: 'george', accessLevel: maintainer }],
    projects: [KNOWLEDGE_BASE],
  },
  {
    name: 'Enterprise Customers',
    path: 'enterprise',
    parent: 'acme/support',
    description: 'Contracts with guaranteed answer times',
    visibility: 'private',
    badges: [status('answer times', 'enterprise')],
    members: [{ username: 'ben', accessLevel: reporter }],
  },
  {
    name: 'People',
    path: 'people',
    parent: 'acme',
    description: 'Hiring and growing',
    visibility: 'private',
    // Nobody but the owners of the group may add members to its projects.
    settings: { membershipLock: true, requestAccessEnabled: false, mentionsDisabled: true },
    labels: PEOPLE_LABELS,
    members: [{ username: 'june', accessLevel: reporter }],
  },
];
