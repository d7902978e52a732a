import type { SearchTerm } from "../../core/search.ts";
import type { MakeWordIndex } from "../../tables/word-index.ts";
import type { Statement, Work } from "../../tables/work.ts";

/** Pages of the index that are merged after a step. With fewer, its parts grow in number, and looking in them in time. */
const mergePages = 16;

/** https://www.sqlite.org/rescode.html#corrupt_vtab: the index, not what it is of. */
const corruptVtab = 267;

/** FTS5: https://www.sqlite.org/fts5.html. */
export const wordIndex: MakeWordIndex = (prepare) => {
  const exists = prepare<{ n: number }>("SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table' AND name = 'search_words'");
  /** Of the index's own table, which isn't there before it is made. */
  let own: { readonly put: Statement; readonly drop: Statement; readonly tell: Statement } | undefined;

  function statements() {
    own ??= {
      put: prepare("INSERT OR REPLACE INTO search_words (rowid, place, who, words) VALUES (?, ?, ?, ?)"),
      drop: prepare("DELETE FROM search_words WHERE rowid = ?"),
      tell: prepare("INSERT INTO search_words (search_words, rank) VALUES (?, ?)"),
    };
    return own;
  }

  function* changes(): Work<number> {
    return Number((yield* prepare<{ n: number }>("SELECT total_changes() AS n").get())?.n);
  }

  return {
    *exists() {
      return ((yield* exists.get())?.n ?? 0) > 0;
    },

    /** Words of our own cut, so the tokenizer is only to split at blanks; it keeps no text. */
    *make() {
      own = undefined;
      yield* prepare("DROP TABLE IF EXISTS search_words").run();
      yield* prepare(`
        CREATE VIRTUAL TABLE search_words USING fts5 (place, who, words, content = '', contentless_delete = 1,
          tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* Co'")`).run();
      const { tell } = statements();
      // All merging is ours, a few pages after each step: what FTS5 does by itself may hold up the path for 100 ms and more.
      yield* tell.do("automerge", 0n);
      yield* tell.do("crisismerge", 1000n);
      yield* tell.do("usermerge", 4n);
    },

    *put(row, { place, who, words }) {
      yield* statements().put.do(row, place.join(" "), who.join(" "), words.join(" "));
    },
    *drop(row) {
      yield* statements().drop.do(row);
    },
    *tidy() {
      yield* statements().tell.do("merge", mergePages);
    },
    *purge(first) {
      // https://www.sqlite.org/fts5.html#the_merge_command: a negative number merges all parts into one; fewer than two changes: done.
      const before = yield* changes();
      yield* statements().tell.do("merge", first ? -mergePages : mergePages);
      return (yield* changes()) - before >= 2;
    },
    isDamaged: (thrown) => (thrown as { errcode?: unknown } | undefined)?.errcode === corruptVtab,

    matches: "f.search_words MATCH ?",
    /** https://www.sqlite.org/fts5.html#full_text_query_syntax: all that came from outside stands in quotation marks, and holds none. */
    wanted({ has, without }) {
      const all = (["place", "words", "who"] as const).flatMap((column) => has[column].map((term) => `(${column} : ${phrase(term)})`));
      const none = (["words", "who"] as const).flatMap((column) => without[column].map((term) => `${column} : ${phrase(term)}`));
      return none.reduce((so, term) => `(${so}) NOT (${term})`, `(${all.join(" AND ")})`);
    },
  };
};

function phrase({ words, open }: SearchTerm): string {
  return `"${words.join(" ")}"${open ? " *" : ""}`;
}
