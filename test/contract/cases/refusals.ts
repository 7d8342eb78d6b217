import type { Case } from '../case.ts';
import { configuration, ENTITY, PROJECT } from './good-import.ts';

const BAD_TOKEN =
  'Check that the source instance base URL and the personal access token meet the necessary requirements.';

interface Refused {
  as?: Case['as'];
  url?: string;
  access_token?: string;
  entities?: Record<string, unknown>[];
}

const refused = (
  it: string,
  { as = 'dora', entities = [{}], ...source }: Refused,
  message: string,
): Case => ({
  it,
  send: 'POST /bulk_imports',
  as,
  json: {
    configuration: { ...configuration, ...source },
    entities: entities.map(changes => ({ ...ENTITY, ...changes })),
  },
  status: 422,
  body: { message },
});

/** What a POST is refused for by one of the GitLabs. */
export const REFUSALS: Record<string, Case[]> = {
  'a new import is refused': [
    {
      ...refused(
        'when there is no GitLab under the URL',
        { url: '{source}/groups/acme' },
        'Invalid source URL. Enter only the base URL of the source GitLab instance.',
      ),
      unknownPaths: ['/groups/acme/api/v4/version', '/groups/acme/api/v4/metadata'],
    },
    refused(
      'when the source is too old',
      { url: '{ancient}' },
      "Unsupported GitLab version. Minimum supported version is '14'.",
    ),
    refused('when the token of the source is unknown', { access_token: 'sample-unknown-token' }, BAD_TOKEN),
    refused('when that token lacks the scope', { access_token: 'sample-source-read-api-token' }, BAD_TOKEN),
    refused(
      'when the source does not have the group',
      { entities: [{ source_full_path: 'nobody' }] },
      "Import failed. 'nobody' not found.",
    ),
    refused(
      'when the source does not have the project',
      { entities: [{ source_type: 'project_entity' }] },
      "Import failed. 'acme' not found.",
    ),
    refused(
      'when the source lacks any of the groups',
      { entities: [{}, { source_full_path: 'acme/none', destination_slug: 'second' }] },
      "Import failed. 'acme/none' not found.",
    ),
    refused(
      'when the token may not export the group',
      { access_token: 'sample-source-reporter-token' },
      "Import failed. You do not have permission to export 'acme'.",
    ),
    refused(
      'when the namespace does not exist',
      { entities: [{ destination_namespace: 'nowhere' }] },
      "Import failed. 'nowhere' is invalid, or you do not have permission.",
    ),
    refused(
      'when the namespace is a user',
      { entities: [{ destination_namespace: 'dora' }] },
      "Import failed. 'dora' is invalid, or you do not have permission.",
    ),
    refused(
      'when the caller may not create subgroups there',
      { as: 'otto' },
      "Import failed. 'imported' is invalid, or you do not have permission.",
    ),
    refused(
      'when the destination is taken',
      { entities: [{ destination_slug: 'taken' }] },
      "Import failed. 'imported/taken' already exists. Change the destination and try again.",
    ),
    refused(
      'when the destination is that of a user',
      { entities: [{ destination_slug: 'otto', destination_namespace: '' }] },
      "Import failed. 'otto' already exists. Change the destination and try again.",
    ),
    refused(
      'when a project is to go to the top level',
      { entities: [{ ...PROJECT, destination_namespace: '' }] },
      "Import failed. '' is invalid, or you do not have permission.",
    ),
    refused(
      'when a project is to go into a group in which nobody creates projects',
      { entities: [{ ...PROJECT, destination_namespace: 'closed' }] },
      "Import failed. 'closed' takes no project of this user: the destination token's user needs the role Maintainer or Owner in it, and it must let them create projects. Change that, and import again.",
    ),
    refused(
      'when a project would go where a group is',
      { entities: [{ ...PROJECT, destination_slug: 'taken' }] },
      "Import failed. 'imported/taken' already exists. Change the destination and try again.",
    ),
    refused(
      'when a bot is to import a project',
      {
        as: 'bot',
        entities: [{ ...PROJECT, destination_slug: 'by-a-bot', destination_namespace: 'robots' }],
      },
      'The destination token is one of a group or project: GitLab imports no project for such a user. Use a personal access token of a user who is Maintainer or Owner of the destination group.',
    ),
    refused(
      'when the source exports no projects',
      { url: '{exportless}', entities: [{ ...PROJECT, destination_slug: 'exportless' }] },
      "The source GitLab exports no projects. Let an administrator switch on 'Project export' (Admin, Settings, General, Import and export settings), and import the project again.",
    ),
    refused(
      'when it would go into the group that it is a copy of',
      {
        url: '{destination}',
        access_token: 'sample-dora-token',
        entities: [{ source_full_path: 'imported', destination_slug: 'copy' }],
      },
      'Validation failed: Import failed. The destination cannot be a subgroup of the source group. Change the destination and try again.',
    ),
    refused(
      'when the URL is blocked',
      { url: 'ftp://old.example' },
      'Validation failed: Url is blocked: Only allowed schemes are https, http',
    ),
    refused(
      'when the URL is too long',
      { url: `https://${'a'.repeat(250)}.example` },
      'Validation failed: Url is too long (maximum is 255 characters)',
    ),
  ],
};
