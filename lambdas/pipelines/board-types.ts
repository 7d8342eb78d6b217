import type { Board } from '../gitlab/api/boards.ts';

/** A board, and which of the boards of its name it is: GitLab allows several of the same name. */
export interface SourceBoard {
  board: Board;
  /** 0 for the first board of this name, by id. */
  occurrence: number;
}

/** What the destination has, to which names of the source are mapped. */
export interface Destination {
  boards: Board[];
  /** Whether some of them were made by a document, which does not ask for their scope. */
  isScopeHidden: boolean;
  /** Ids by title, of the group's own and of its ancestors'; read when they are first asked for. */
  labels(): Promise<Map<string, number>>;
  milestones(): Promise<Map<string, number>>;
  /** Users by their id at the source, as far as they were looked up. */
  assignees: Map<number, number | null>;
}
