import { canReadCode } from '../api/project-entity.ts';
import { visibleIssues } from '../api/project-issues.ts';
import { groupsAbove } from '../memberships.ts';
import { canUse } from '../permissions.ts';
import type { FeatureAccess, SampleProject } from '../project-model.ts';
import { type ConnectionArguments, connection } from './connection.ts';
import { presentLabel } from './issue-objects.ts';
import { type MemberArguments, memberConnection } from './member-connection.ts';
import type { Viewer } from './viewer.ts';

interface StateArguments extends ConnectionArguments {
  readonly state?: string | null;
}

interface LabelArguments extends ConnectionArguments {
  readonly searchTerm?: string | null;
  readonly includeAncestorGroups: boolean;
}

/** What a project holds. A disabled feature holds nothing. */
export function projectConnections(viewer: Viewer, project: SampleProject) {
  const { instance, user } = viewer;
  const may = (access: FeatureAccess) => user !== undefined && canUse(instance, user, project, access);
  const reads = () => user !== undefined && canReadCode(instance, user, project);
  const { settings } = project;
  return {
    projectMembers: (page: MemberArguments) => memberConnection(viewer, project, page),
    issues: (page: StateArguments) => {
      const issues = user ? visibleIssues(instance, user, project) : [];
      return connection(
        issues.filter(ofState(page.state)),
        page,
        ({ id, iid, title, state, confidential }) => ({
          id: `gid://gitlab/Issue/${id}`,
          iid: String(iid),
          title,
          state,
          confidential,
        }),
      );
    },
    mergeRequests: (page: StateArguments) => {
      const requests = may(settings.mergeRequestsAccessLevel) && reads() ? project.mergeRequests : [];
      return connection(requests.filter(ofState(page.state)), page, ({ id, iid, title, state }) => ({
        id: `gid://gitlab/MergeRequest/${id}`,
        iid: String(iid),
        title,
        state,
      }));
    },
    labels: (page: LabelArguments) => {
      const sources = [project, ...(page.includeAncestorGroups ? groupsAbove(instance, project) : [])];
      const term = page.searchTerm?.toLowerCase() ?? '';
      const labels = sources
        .flatMap(at => at.labels)
        .filter(({ title }) => title.toLowerCase().includes(term))
        .sort((a, b) => a.id - b.id);
      return connection(labels, page, presentLabel);
    },
    releases: (page: ConnectionArguments) => {
      // A release has no number that the sample knows: its place serves.
      const releases = project.releases.map((release, index) => ({ ...release, id: index + 1 }));
      return connection(releases, page, ({ tag, name }) => ({ tagName: tag, name }));
    },
    pipelines: (page: ConnectionArguments) => {
      const pipelines = may(settings.repositoryAccessLevel) ? project.pipelines : [];
      return connection(pipelines, page, ({ id, iid, status }) => ({
        id: `gid://gitlab/Ci::Pipeline/${id}`,
        iid: String(iid),
        status: status.toUpperCase(),
      }));
    },
  };
}

function ofState(wanted: string | null | undefined) {
  return ({ state }: { readonly state: string }) => !wanted || wanted === 'all' || wanted === state;
}
