import { GroupCreationError } from '../domain/errors.ts';
import { messageText } from '../domain/failure-message.ts';
import { shortenedAsTold } from '../engine/accepted.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { createGroup, type Group, type GroupAttributes, type Visibility } from '../gitlab/api/groups.ts';
import { isAboutUser, isRefusal } from '../gitlab/client-errors.ts';
import type { NetworkError } from '../gitlab/errors.ts';
import { refusedAttributes } from '../gitlab/refusals.ts';
import { recordRejectedAttribute } from './attribute-failures.ts';
import type { GroupClaim } from './group-claim.ts';
import { lowerVisibility, numbered, suffixOf, visibilityWithin } from './group-rules.ts';

/** The group that the new one goes into; `null` at the top level. */
export type Parent = (Pick<Group, 'id' | 'full_path' | 'visibility'> & ParentNote) | null;

interface ParentNote {
  /** Reads the group, where it was noted when its own entity made it and not read for this one. */
  readAgain?: () => Promise<Parent>;
}

/** How many `_1`, `_2`, … are tried before a name or path counts as taken for good. */
const MOST_SUFFIXES = 100;
/** Without these there is no group: what GitLab has against them is not evaded by leaving them out. */
const ESSENTIAL = ['name', 'path', 'parent_id'];
const TAKEN = /already been taken/;
const TWO_FACTOR = /two.?factor/i;
/** With these statuses GitLab refuses the group itself. */
const OF_THE_GROUP = [400, 403, 404, 409, 413, 422];

const PATH_TAKEN =
  'Group exists: another group or user took this path after the import was started. Start an import with another destination.';
const PATH_CLAIMED =
  'Group exists: another import is creating a group at this path now. Start an import with another destination.';

/**
 * Creates one group, with another name, path or visibility where the destination insists on one, and without the
 * attributes that it does not take. What stands at the path is used only if it is proved to be ours.
 */
export class GroupCreation {
  readonly #context: PipelineContext;
  readonly #claim: GroupClaim;
  #parent: Parent;
  readonly #wanted: GroupAttributes;
  /** What is still asked for, besides name, path and parent. */
  readonly #asked: Partial<GroupAttributes>;
  readonly #dropped = new Set<string>();
  #pathSuffix: number;
  #nameSuffix = 0;

  constructor(context: PipelineContext, claim: GroupClaim, wanted: GroupAttributes, parent: Parent) {
    this.#context = context;
    this.#claim = claim;
    this.#parent = parent;
    this.#wanted = wanted;
    const { name: _, path: __, visibility: ___, ...others } = wanted;
    this.#asked = { ...others, ...this.#visibility() };
    this.#pathSuffix = suffixOf(claim.pathInDoubt, this.#fullPath(wanted.path));
  }

  /** @returns the group, and what was asked of it as far as the response of its creation must show it */
  async run(): Promise<{ group: Group; asked: Partial<GroupAttributes> }> {
    let ours = this.#claim.pathInDoubt === null ? 'nothing' : await this.#claim.find(false);
    for (;;) {
      if (typeof ours === 'object') return this.#found(ours);
      if (ours === 'foreign') this.#nextPath(PATH_TAKEN);
      const path = numbered(this.#wanted.path, '_', this.#pathSuffix);
      if (!(await this.#claim.take(this.#fullPath(path)))) {
        ours = 'nothing';
        if (!(await this.#parentHasChanged())) this.#nextPath(PATH_CLAIMED);
        continue;
      }
      const request = this.#request(path);
      try {
        return { group: await createGroup(this.#context.destination, request), asked: request };
      } catch (error) {
        ours = await this.#afterError(error);
      }
    }
  }

  #request(path: string): GroupAttributes {
    return {
      ...this.#asked,
      path,
      name: numbered(this.#wanted.name, '_', this.#nameSuffix),
      ...(this.#parent !== null && { parent_id: this.#parent.id }),
    };
  }

  /** The visibility to ask for, which is not above the parent's. */
  #visibility(): { visibility?: Visibility } {
    const within = visibilityWithin(this.#wanted.visibility, this.#parent?.visibility);
    return within === undefined ? {} : { visibility: within };
  }

  /**
   * Reads the parent after a refusal, if it was not read for this group.
   *
   * @returns whether it has changed, so that the same may be asked for again
   * @throws GroupCreationError when it is gone
   */
  async #parentHasChanged(): Promise<boolean> {
    const noted = this.#parent;
    if (noted?.readAgain === undefined) return false;
    this.#parent = await noted.readAgain();
    Object.assign(this.#asked, this.#visibility());
    const { full_path: fullPath, visibility } = this.#parent ?? {};
    return fullPath !== noted.full_path || visibility !== noted.visibility;
  }

  /** Prepares the next request after one that brought no group. @throws when there is none to prepare */
  async #afterError(error: unknown): Promise<'foreign' | 'nothing' | Group> {
    const made = await this.#claim.afterError(error);
    if (made !== undefined) return made;
    if (await this.#parentHasChanged()) return 'nothing';
    const rejected = refusedAttributes(error);
    const isPathTaken = TAKEN.test(rejected.get('path') ?? '');
    const isNameTaken = TAKEN.test(rejected.get('name') ?? '');
    if (isPathTaken || isNameTaken) {
      // A request of an earlier run that was given up, or of a run that still lives, has arrived in the meantime.
      const ours = await this.#claim.find(isPathTaken);
      if (isNameTaken) this.#nameSuffix = this.#next(this.#nameSuffix, PATH_TAKEN);
      return ours;
    }
    if (!(await this.#yield(rejected))) throw asCreationError(error, this.#parent);
    return 'nothing';
  }

  /** Asks for less where the destination does not take an attribute. @returns whether there was anything to change */
  async #yield(rejected: Map<string, string>): Promise<boolean> {
    if (ESSENTIAL.some(attribute => rejected.has(attribute))) return false;
    let hasChanged = false;
    for (const [attribute, words] of rejected) {
      // Without a visibility that is asked for the destination chooses one, to which it may object as well.
      const isAsked = attribute in this.#asked || attribute === 'visibility';
      if (!isAsked || this.#dropped.has(attribute)) continue;
      hasChanged = true;
      const lower = attribute === 'visibility' ? lowerVisibility(this.#asked.visibility) : undefined;
      // A level that is not allowed there is no fault: the next lower one is GitLab's own way out.
      if (lower === undefined) await this.#reduce(attribute, words);
      else this.#asked.visibility = lower;
    }
    return hasChanged;
  }

  async #reduce(attribute: string, words: string): Promise<void> {
    const asked = this.#asked as Record<string, unknown>;
    const value = asked[attribute];
    const shorter = shortenedAsTold(value, words);
    const isShortened = shorter !== undefined;
    if (isShortened) {
      asked[attribute] = shorter;
    } else {
      delete asked[attribute];
      this.#dropped.add(attribute);
    }
    await recordRejectedAttribute(this.#context, this.#wanted.name, { attribute, value, words, isShortened });
  }

  /** A group of an earlier request, which may have had another name and visibility for good reasons. */
  #found(group: Group): { group: Group; asked: Partial<GroupAttributes> } {
    const { visibility: _, ...asked } = this.#asked;
    return { group, asked };
  }

  #fullPath(path: string): string {
    return this.#parent === null ? path : `${this.#parent.full_path}/${path}`;
  }

  #nextPath(message: string): void {
    this.#pathSuffix = this.#next(this.#pathSuffix, message);
  }

  /** Inside a parent a group that is in the way is evaded; at the top level it is not. */
  #next(suffix: number, message: string): number {
    if (this.#parent !== null && suffix < MOST_SUFFIXES) return suffix + 1;
    throw new GroupCreationError(message);
  }
}

function asCreationError(error: unknown, parent: Parent): unknown {
  if (!isRefusal(error)) return error;
  const isAboutGroup =
    OF_THE_GROUP.includes(error.status ?? 0) && (TWO_FACTOR.test(error.reason) || !isAboutUser(error));
  // Of a redirect, of the user's account, of whatever is not about the group, the client knows better what to do.
  if (!isAboutGroup) return new GroupCreationError(error.message, { cause: error });
  const status = String(error.status);
  const [before, advice] = explanationOf(error, parent);
  const message = messageText({
    before,
    quoted: error.reason.startsWith(status) ? error.reason : `${status} ${error.reason}`.trim(),
    after: `. ${advice}`,
  });
  return new GroupCreationError(message, { cause: error });
}

/** What stands before GitLab's words, in which GitLab itself says what matters, and what to do about them. */
function explanationOf({ status, reason }: NetworkError, parent: Parent): [before: string, advice: string] {
  if (TWO_FACTOR.test(reason)) {
    return [
      'User requires Two-Factor Authentication. The destination GitLab refused to create the group: ',
      "Enable it for the destination token's user, and import again.",
    ];
  }
  if (status === 403) {
    return [
      'User not allowed to create group. The destination GitLab refused it: ',
      parent === null
        ? 'Choose a group that exists there as destination_namespace: some GitLabs make no top-level groups by API.'
        : "Check the role of the destination token's user in the parent group, and import again.",
    ];
  }
  return [
    'The destination GitLab refused to create the group: ',
    'Correct it at the source or choose another destination, and import it again.',
  ];
}
