import type { SearchTerm } from "../core/search.ts";
import type { Prepare, Work } from "./work.ts";

/** Of the words that say where a message stands, who wrote it, and what was said. */
export interface WordsOf<List> {
  readonly place: List;
  readonly who: List;
  readonly words: List;
}

/** What is looked for: all of `has`, none of `without`. */
export interface WantedWords {
  readonly has: WordsOf<readonly SearchTerm[]>;
  readonly without: WordsOf<readonly SearchTerm[]>;
}

/**
 * The index of words itself, as its database has it: a table `search_words` with a column `rowid`, the message's row. Words are of
 * our own cut: no letters but small ones and digits, of any script.
 */
export interface WordIndex {
  exists(): Work<boolean>;
  /** Makes it anew, empty. */
  make(): Work<void>;
  put(row: number, words: WordsOf<readonly string[]>): Work<void>;
  drop(row: number): Work<void>;
  /** After some were put or dropped: a little of what keeps it fast. */
  tidy(): Work<void>;
  /** Takes what was dropped off the disk, a little at a time. Whether there is more to do. */
  purge(first: boolean): Work<boolean>;
  /** Whether that says that the index is damaged, not what it is of. */
  isDamaged(thrown: unknown): boolean;
  /** The condition on it, in a statement where it is `f`. */
  readonly matches: string;
  /** What stands for the `?` of `matches`. */
  wanted(words: WantedWords): string;
}

export type MakeWordIndex = (prepare: Prepare) => WordIndex;
