/** A source of a POST with which everything is right. */
export const configuration = { url: '{source}', access_token: 'sample-source-owner-token' };
/** An entity that the source has, and that the destination has room for. */
export const ENTITY = {
  source_type: 'group_entity',
  source_full_path: 'acme',
  destination_slug: 'acme',
  destination_namespace: 'imported',
};
/** The same for a project, of which the source's user is a maintainer. */
export const PROJECT = { ...ENTITY, source_type: 'project_entity', source_full_path: 'team/app' };
