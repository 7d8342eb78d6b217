import type { SampleProjectSeed } from '../gitlab-simulator/project-model.ts';

/** What the GitLab of Acme has of code: a large project, small ones, one that is archived, and an empty one. */

export const HANDBOOK: SampleProjectSeed = {
  name: 'Handbook',
  path: 'handbook',
  description: 'How we work',
  branches: ['main'],
  wikiPages: [
    { path: 'home.md', content: '# Welcome\n\nBegin with the [glossary](glossary).' },
    { path: 'glossary.md', content: '**SLO**: what we promise.' },
  ],
  issues: [
    { title: 'Describe how we review', state: 'closed', author: 'amara', notes: ['Done in the wiki.'] },
    { title: 'Name the people on call', author: 'ben', labels: ['workflow::ready'] },
  ],
};

export const DEPLOYMENT: SampleProjectSeed = {
  name: 'Deployment',
  path: 'deployment',
  branches: ['main', 'blue-green'],
  tags: ['v1', 'v2'],
  protectedBranches: ['main'],
  releases: [
    { tag: 'v1', name: 'First', description: 'It works.' },
    { tag: 'v2', name: 'Second', description: 'It works twice.' },
  ],
  pipelines: [
    { ref: 'main', status: 'success' },
    { ref: 'main', status: 'failed' },
    { ref: 'blue-green', status: 'success' },
  ],
  snippets: [{ title: 'Roll back', fileName: 'rollback.sh', content: 'kubectl rollout undo' }],
  variables: ['KUBE_CONTEXT', 'REGISTRY_PASSWORD'],
  hooks: ['https://chat.acme.example/hook'],
};

export const CHECKOUT: SampleProjectSeed = {
  name: 'Checkout',
  path: 'checkout',
  description: 'Where customers pay',
  branches: ['main', 'faster', 'vouchers'],
  tags: ['v1.0'],
  labels: [{ title: 'payment', color: '#00b140' }, { title: 'voucher' }],
  milestones: [{ title: 'Vouchers' }, { title: 'Launch', state: 'closed' }],
  members: [{ username: 'emil', accessLevel: 30 }],
  issues: [
    { title: 'A card is charged twice', labels: ['payment'], state: 'closed', confidential: true },
    { title: 'Vouchers', labels: ['voucher'], milestone: 'Vouchers', notes: ['Which ones?', 'All.'] },
    { title: 'Refunds take a day', labels: ['payment'], author: 'devi' },
  ],
  mergeRequests: [
    { title: 'Answer in half the time', sourceBranch: 'faster', state: 'merged', author: 'devi' },
    { title: 'Take vouchers', sourceBranch: 'vouchers', milestone: 'Vouchers', labels: ['voucher'] },
  ],
  releases: [{ tag: 'v1.0', name: 'Launch' }],
  pipelines: [{ ref: 'main', status: 'success' }],
  settings: { lfsEnabled: true },
  lfsObjects: ['a recording of a checkout'],
};

export const LOGOS: SampleProjectSeed = {
  name: 'Logos',
  path: 'logos',
  archived: true,
  branches: ['main'],
  lfsObjects: ['logo.psd', 'logo-dark.psd'],
};

export const KNOWLEDGE_BASE: SampleProjectSeed = { name: 'Knowledge base', path: 'knowledge-base' };
