import type { Chat, Sender } from "./event.ts";
import type { AccountId, ConversationId, MessageId, TenantId, TraceId } from "./ids.ts";
import { type FoundWord, wordsOf } from "./search-words.ts";
import type { Instant } from "./terms.ts";

/** What somebody looks for in what was said: every one of `has`, none of `without`. */
export interface SearchQuery {
  readonly has: readonly SearchTerm[];
  readonly without: readonly SearchTerm[];
}

/** Words one behind the other; `open`: the last one may go on. */
export interface SearchTerm {
  readonly words: readonly string[];
  readonly open: boolean;
}

/** Letters and terms of a query that are looked at: more is no question. */
const longest = 300;
const mostTerms = 16;
/** A shorter beginning fits nearly everything. */
const shortestOpen = 2;

/**
 * Reads plain words (found by their beginning, too), "phrases" and -without. There is no wrong query: a quotation mark that
 * isn't closed goes on to the end, and what holds no letter says nothing. Absent: nothing was asked for.
 */
export function readQuery(text: string): SearchQuery | undefined {
  const has: SearchTerm[] = [];
  const without: SearchTerm[] = [];
  for (const [, minus, quoted, bare] of text.slice(0, longest).matchAll(/(?<![^\s])(-?)(?:"([^"]*)"?|([^\s"]+))/g)) {
    const found = wordsOf(quoted ?? bare ?? "");
    const last = found.at(-1);
    if (!last || has.length + without.length === mostTerms) continue;
    const open = quoted === undefined && !last.letter && last.word.length >= shortestOpen;
    (minus ? without : has).push({ words: found.map(({ word }) => word), open });
  }
  return has.length + without.length > 0 ? { has, without } : undefined;
}

/** Half-open, in UTF-16 units of the text that it is of. */
export interface Mark {
  readonly from: number;
  readonly to: number;
}

/** Where the terms stand in the text, in order and apart. Nothing when one of them doesn't. */
export function marksOf(text: string, terms: readonly SearchTerm[]): readonly Mark[] | undefined {
  const found = wordsOf(text);
  const marks: Mark[] = [];
  for (const term of terms) {
    const before = marks.length;
    for (let start = 0; start + term.words.length <= found.length; start++) {
      if (!stands(found, start, term)) continue;
      const last = found[start + term.words.length - 1] as FoundWord;
      marks.push({ from: (found[start] as FoundWord).from, to: last.to });
    }
    if (marks.length === before) return undefined;
  }
  return apart(marks);
}

function stands(found: readonly FoundWord[], start: number, { words, open }: SearchTerm): boolean {
  return words.every((word, index) => {
    const there = found[start + index]?.word;
    return open && index === words.length - 1 ? there?.startsWith(word) : there === word;
  });
}

function apart(marks: readonly Mark[]): readonly Mark[] {
  const joined: Mark[] = [];
  for (const mark of marks.toSorted((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last && mark.from <= last.to) joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, mark.to) };
    else joined.push(mark);
  }
  return joined;
}

export interface Snippet {
  readonly text: string;
  /** In `text`. */
  readonly marks: readonly Mark[];
}

/** Characters of a snippet, and of it those before what was found. */
const snippetLength = 180;
const lead = 50;

/** One line around what was found first. */
export function snippetOf(text: string, marks: readonly Mark[]): Snippet {
  const first = marks[0]?.from ?? 0;
  let from =
    first + snippetLength <= text.length ? Math.max(0, first - lead) : Math.max(0, Math.min(first - lead, text.length - snippetLength));
  if (from > 0) {
    // From the beginning of a word, where one is near.
    const blank = text.slice(from, first).search(/\s/);
    if (blank >= 0 && blank < 20) from += blank + 1;
    if (/[\udc00-\udfff]/.test(text.charAt(from))) from += 1;
  }
  const to = from + text.slice(from, from + snippetLength).replace(/[\ud800-\udbff]$/, "").length;
  const before = from > 0 ? "…" : "";
  const shown = `${before}${text.slice(from, to).replace(/\s/g, " ")}${to < text.length ? "…" : ""}`;
  const shift = before.length - from;
  const inside = marks.filter((mark) => mark.from < to && mark.to > from);
  return {
    text: shown,
    marks: inside.map((mark) => ({ from: Math.max(mark.from, from) + shift, to: Math.min(mark.to, to) + shift })),
  };
}

export interface SearchFilter {
  readonly query?: SearchQuery;
  /** Words of the sender's name, handle or id. */
  readonly sender?: SearchQuery;
  readonly account?: AccountId;
  readonly conversation?: ConversationId;
  readonly direction?: "in" | "out";
  /** Both included. */
  readonly from?: Instant;
  readonly to?: Instant;
  /** The `cursor` of the last one seen. */
  readonly before?: number;
  readonly limit: number;
}

export interface SearchHit {
  readonly cursor: number;
  readonly message: MessageId;
  readonly trace: TraceId;
  readonly conversation: ConversationId;
  readonly account: AccountId;
  readonly channel: string;
  readonly chat: Chat;
  readonly direction: "in" | "out";
  readonly author?: "agent" | "operator" | "system";
  readonly sender?: Sender;
  readonly at: Instant;
  readonly snippet: Snippet;
}

export interface SearchPage {
  /** Newest first. */
  readonly hits: readonly SearchHit[];
  /** Where the next page goes on (`SearchFilter.before`). Absent: there is none. */
  readonly next?: number;
  /** Not all that is stored can be found yet: the index is still being made. */
  readonly behind: boolean;
}

export interface SearchStore {
  /**
   * One small step of taking what was said since the last one into the index, and of what changed or went out of it; makes the
   * index anew where there is none, or it is damaged. Whether there is more to do.
   */
  indexMessages(): Promise<boolean>;
  /**
   * One small step of writing the index again without the words of messages that went; `first`: the first one of a pass. Whether
   * there is more to do.
   */
  purgeIndex(first: boolean): Promise<boolean>;
}

/** What of one tenant can be looked for; see `Records.search`. */
export type Search = (tenant: TenantId, filter: SearchFilter) => Promise<SearchPage>;
