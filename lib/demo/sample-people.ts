import type { SampleUser } from '../gitlab-simulator/model.ts';
import type { SampleGitLab, SampleUserSeed } from '../gitlab-simulator/sample-gitlab.ts';

/** Placeholders that stand for access tokens. They open nothing but the two sample GitLabs. */
export const SOURCE_TOKEN = 'sample-source-token';
export const DESTINATION_TOKEN = 'sample-destination-token';

/** Owns the groups at the source, and runs the migration as administrator of the destination. */
export const IMPORTING_USER = 'olivia';

/** Somebody who shows their own address: by that one GitLab knows the authors in an archive. */
const person = (username: string, name: string): SampleUserSeed => {
  const email = `${username}@acme.example`;
  return { username, name, email, publicEmail: email };
};

const OLIVIA = person(IMPORTING_USER, 'Olivia Owens');

/** They have an account with the same address at both GitLabs. */
const ON_BOTH_SIDES = [
  person('amara', 'Amara Adeyemi'),
  person('ben', 'Ben Brook'),
  person('chiara', 'Chiara Conti'),
  person('devi', 'Devi Desai'),
  person('emil', 'Emil Eriksen'),
  person('fatima', 'Fatima Farouk'),
  person('george', 'George Grant'),
  person('hana', 'Hana Horvat'),
  person('ivan', 'Ivan Ilic'),
  person('june', 'June Jensen'),
];

/** Has an account at both GitLabs, but shows no e-mail address at the source, so that nobody can tell. */
const WITHOUT_PUBLIC_EMAIL: SampleUserSeed = { username: 'karl', name: 'Karl Kurz' };
/** Left the company before the new GitLab was set up. */
const WITHOUT_COUNTERPART = person('leah', 'Leah Lindgren');

/** Adds the people of the source, and the token that reads its groups. */
export function addSourcePeople(gitlab: SampleGitLab): SampleUser[] {
  const users = [OLIVIA, ...ON_BOTH_SIDES, WITHOUT_PUBLIC_EMAIL, WITHOUT_COUNTERPART];
  const added = users.map(user => gitlab.addUser(user));
  gitlab.addToken(SOURCE_TOKEN, { username: IMPORTING_USER });
  return added;
}

/** Adds the people of the destination, and the administrator's token that the import is started with. */
export function addDestinationPeople(gitlab: SampleGitLab): SampleUser[] {
  const users = [{ ...OLIVIA, admin: true, twoFactorEnabled: true }, ...ON_BOTH_SIDES, WITHOUT_PUBLIC_EMAIL];
  const added = users.map(user => gitlab.addUser(user));
  gitlab.addToken(DESTINATION_TOKEN, { username: IMPORTING_USER });
  return added;
}
