import type { ArchiveBehaviour } from './archives/behaviour.ts';
import type { AvatarStorage, InstanceSettings } from './instance.ts';
import type { Visibility } from './model.ts';

export interface SampleGitLabOptions {
  /** Default '17.11.2-ee'; without '-ee' it is the Community Edition. */
  version?: string;
  /** Decides on boards, `membership_lock`, and lists by assignee or milestone; default 'premium'. */
  edition?: 'free' | 'premium';
  /** Added to every request, ms; default 0. */
  latencyMs?: number;
  /**
   * Whether a GraphQL document takes as long as its mutations would one by one: GitLab runs them one after the other,
   * each in a transaction of its own, so that a document saves round trips and nothing else. Default false.
   */
  latencyPerMutation?: boolean;
  /** Requests per user in any 60 seconds before 429; undefined is off. */
  rateLimitPerMinute?: number;
  /** Whether group relations can be exported, which is what direct transfer needs; default true. */
  directTransferEnabled?: boolean;
  /** Levels that only administrators may use; default none. */
  restrictedVisibilityLevels?: Visibility[];
  /**
   * Where uploads are kept: on the GitLab's own disk (`local`, the default: the type of a picture is not told), in an
   * object storage that GitLab reads for the client (`object`), or in one to which the client is redirected
   * (`redirect`, another port, which must not get the token).
   */
  avatarStorage?: AvatarStorage;
  /** Whether top-level groups can be made by the API; default true. At GitLab.com they cannot, whoever asks. */
  topLevelGroupsByApi?: boolean;
  /** Whether an administrator has to approve roles above Guest, as Ultimate can be told to; default false. */
  memberApproval?: boolean;
  /** GitLab's limits of single endpoints (`namespaces/:id/exists`: 20 a minute, ...); default true. */
  endpointRateLimits?: boolean;
  /**
   * What the instance calls itself in `web_url` and `Link`, while it listens at 127.0.0.1: a text, or made of the
   * port. Default: where it listens.
   */
  externalUrl?: string | ((port: number) => string);
  /** Lists longer than this say no total, as those above 10,000 records do not at GitLab; default 10000. */
  countedRecords?: number;
  /** For so long after a group was made by a request, reads do not find it; default 0. */
  replicaLagMs?: number;
  /** How projects are exported and imported. */
  archives?: Partial<ArchiveBehaviour>;
}

/** The settings of the instance, with the defaults. */
export function settingsOf(options: SampleGitLabOptions): InstanceSettings {
  return {
    version: options.version ?? '17.11.2-ee',
    edition: options.edition ?? 'premium',
    directTransferEnabled: options.directTransferEnabled ?? true,
    restrictedVisibilityLevels: options.restrictedVisibilityLevels ?? [],
    avatarStorage: options.avatarStorage ?? 'local',
    topLevelGroupsByApi: options.topLevelGroupsByApi ?? true,
    memberApproval: options.memberApproval ?? false,
    endpointRateLimits: options.endpointRateLimits ?? true,
    countedRecords: options.countedRecords ?? 10_000,
    replicaLagMs: options.replicaLagMs ?? 0,
  };
}
