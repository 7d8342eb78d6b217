type LabelSeed = { title: string; color: string; description?: string };

/** Labels of one colour, by title or by title and description. */
function labels(color: string, ...titles: (string | [title: string, description: string])[]): LabelSeed[] {
  return titles.map(entry =>
    typeof entry === 'string' ? { title: entry, color } : { title: entry[0], color, description: entry[1] },
  );
}

export const COMPANY_LABELS = [
  ...labels('#D9534F', ['type::bug', 'Something does not work as it should'], 'type::incident'),
  ...labels('#428BCA', ['type::feature', 'Something new for customers'], 'type::maintenance'),
  ...labels('#C0392B', ['priority::1', 'Drop everything'], ['priority::2', 'This milestone']),
  ...labels('#F0AD4E', ['priority::3', 'Within two milestones'], ['priority::4', 'Some day']),
  ...labels('#7F8C8D', 'duplicate', "won't do"),
  ...labels('#5CB85C', ['good first issue', 'A pleasant way to get to know the code']),
];

export const WORKFLOW_LABELS = [
  ...labels('#6699CC', 'workflow::ready', 'workflow::in progress'),
  ...labels('#34495E', 'workflow::in review', 'workflow::verification', 'workflow::blocked'),
];

const DOMAINS = [
  'accounts',
  'billing',
  'catalog',
  'checkout',
  'identity',
  'inventory',
  'invoicing',
  'mailing',
  'orders',
  'payments',
  'pricing',
  'returns',
  'search',
  'shipping',
  'taxes',
  'warehouse',
];
const PARTS = ['api', 'cache', 'database', 'events', 'gateway', 'jobs', 'scheduler', 'worker'];

/** One label per service, 128 in all: more than GitLab's largest page holds. */
export const SERVICE_LABELS = DOMAINS.flatMap(domain =>
  PARTS.map(part => ({
    title: `service::${domain}-${part}`,
    color: '#8E44AD',
    description: `Owned by the ${domain} team`,
  })),
);

export const DESIGN_LABELS = labels(
  '#E91E63',
  ['design::concept', 'Sketches only'],
  ['design::draft', 'Ready to be discussed'],
  ['design::final', 'Ready to be built'],
  'accessibility',
  'localization',
);

export const SUPPORT_LABELS = [
  ...labels('#16A085', 'channel::chat', 'channel::e-mail', 'channel::phone'),
  ...labels('#E67E22', ['waiting::customer', 'Answered, and it is their turn'], 'waiting::engineering'),
];

export const PRODUCT_LABELS = labels('#2C3E50', 'quarter::now', 'quarter::next', 'quarter::later', 'OKR');
export const MOBILE_LABELS = labels('#27AE60', 'os::Android', 'os::iOS', 'crash');
export const INFRASTRUCTURE_LABELS = labels('#A04000', 'cost', 'security', 'on-call');
export const PEOPLE_LABELS = labels('#95A5A6', 'hiring', 'onboarding', 'confidential');
