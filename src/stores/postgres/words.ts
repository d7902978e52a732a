import type { SearchTerm } from "../../core/search.ts";
import type { MakeWordIndex, WordsOf } from "../../tables/word-index.ts";
import { answered } from "../../tables/work.ts";

/** A word's weight says which list it is of: https://www.postgresql.org/docs/current/textsearch-features.html#TEXTSEARCH-MANIPULATE-TSVECTOR */
const weights = { place: "A", who: "B", words: "C" } as const;
/** Positions beyond are all the same one: https://www.postgresql.org/docs/current/textsearch-limitations.html */
const lastPosition = 16_383;
/** No phrase reaches from one list into the next. */
const gap = 2;

/** A `tsvector` under a GIN index, of our own words: no dictionary of the server's has a say. */
export const wordIndex: MakeWordIndex = (prepare) => {
  const exists = prepare<{ there: number }>("SELECT to_regclass('search_words') IS NOT NULL AS there");
  const drop = prepare("DELETE FROM search_words WHERE rowid = ?");
  const put = prepare(`
    INSERT INTO search_words (rowid, words) VALUES (?, CAST(? AS tsvector)) ON CONFLICT (rowid) DO UPDATE SET words = excluded.words`);
  return {
    *exists() {
      return (yield* exists.get())?.there === 1;
    },
    *make() {
      yield* prepare("DROP TABLE IF EXISTS search_words").run();
      yield* prepare("CREATE TABLE search_words (rowid bigint PRIMARY KEY, words tsvector NOT NULL)").run();
      yield* prepare("CREATE INDEX search_words_words ON search_words USING gin (words)").run();
    },
    *put(row, words) {
      yield* put.do(row, vectorOf(words));
    },
    *drop(row) {
      yield* drop.do(row);
    },
    // Its own cleaning (autovacuum) does both.
    tidy: () => answered(undefined),
    purge: () => answered(false),
    isDamaged: () => false,

    matches: "f.words @@ CAST(? AS tsquery)",
    wanted({ has, without }) {
      const all = (["place", "words", "who"] as const).flatMap((list) => has[list].map((term) => phrase(term, weights[list])));
      const none = (["words", "who"] as const).flatMap((list) => without[list].map((term) => `!(${phrase(term, weights[list])})`));
      return [...all, ...none].join(" & ");
    },
  };
};

function vectorOf(lists: WordsOf<readonly string[]>): string {
  const lexemes: string[] = [];
  let position = 1;
  for (const list of ["place", "who", "words"] as const) {
    for (const word of lists[list]) lexemes.push(`'${word}':${Math.min(position++, lastPosition)}${weights[list]}`);
    position += gap;
  }
  return lexemes.join(" ");
}

/** Words hold no quotation marks: they are letters, marks and digits. */
function phrase({ words, open }: SearchTerm, weight: string): string {
  const last = words.length - 1;
  return words.map((word, i) => `'${word}':${open && i === last ? "*" : ""}${weight}`).join(" <-> ");
}
