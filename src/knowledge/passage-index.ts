import { closeSync, openSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { KnowledgeQuery, Passage } from "../core/knowledge.ts";
import type { Piece } from "./passages.ts";
import { spaced, wordsOf } from "./words.ts";

/** A document as it was when it was read. */
export interface Known {
  readonly path: string;
  /** Changes when the document does. */
  readonly mark: string;
}

/** Full-text search over passages. What it holds was read elsewhere: it may be lost at any time. */
export interface PassageIndex {
  known(tenant: string, source: string): readonly Known[];
  /** In place of what stood there. */
  put(tenant: string, source: string, document: Known, pieces: readonly Piece[]): void;
  drop(tenant: string, source: string, path: string): void;
  /** Everything of sources that aren't named. */
  keep(tenant: string, sources: readonly string[]): void;
  count(tenant: string, source: string): { readonly documents: number; readonly passages: number };
  search(query: KnowledgeQuery): readonly Passage[];
  close(): void;
}

/** Of the layout below: a file with another one is begun anew. */
const layout = 1;

const schema = `
CREATE TABLE documents (id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, source TEXT NOT NULL, path TEXT NOT NULL, mark TEXT NOT NULL,
  UNIQUE (tenant, source, path));
CREATE TABLE passages (id INTEGER PRIMARY KEY, document INTEGER NOT NULL, heading TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX passages_of ON passages (document);
CREATE VIRTUAL TABLE words USING fts5 (heading, text, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2");
CREATE VIRTUAL TABLE terms USING fts5vocab (words, row);
PRAGMA user_version = ${layout};`;

/** Of all passages, those with a word that says nothing about what is asked; of a few documents, most may have the one that matters. */
const common = 0.2;
const commonOfFew = 0.6;
const few = 50;
/** As often as this no word is common. */
const seldom = 3;
/** Of the best passage's rank: what is further from it only shares a word. */
const near = 0.35;
/** Letters from which on a word also finds those that begin with it: in many languages endings come and go. */
const stem = 4;

/** `file`: made when absent; one that can't be read is made anew. `:memory:` is kept nowhere. */
export function openPassageIndex(file: string): PassageIndex {
  const database = opened(file) ?? opened(fresh(file));
  if (!database) throw new Error(`${file} can't be made`);
  const knownDocuments = database.prepare("SELECT path, mark FROM documents WHERE tenant = ? AND source = ?");
  const documentAt = database.prepare("SELECT id FROM documents WHERE tenant = ? AND source = ? AND path = ?");
  const addDocument = database.prepare("INSERT INTO documents (tenant, source, path, mark) VALUES (?, ?, ?, ?) RETURNING id");
  const addPassage = database.prepare("INSERT INTO passages (document, heading, text) VALUES (?, ?, ?) RETURNING id");
  const addWords = database.prepare("INSERT INTO words (rowid, heading, text) VALUES (?, ?, ?)");
  const dropWords = database.prepare("DELETE FROM words WHERE rowid IN (SELECT id FROM passages WHERE document = ?)");
  const dropPassages = database.prepare("DELETE FROM passages WHERE document = ?");
  const dropDocument = database.prepare("DELETE FROM documents WHERE id = ?");
  const sourcesOf = database.prepare("SELECT DISTINCT source FROM documents WHERE tenant = ?");
  const counted = database.prepare(`SELECT count(DISTINCT d.id) AS documents, count(p.id) AS passages
    FROM documents d LEFT JOIN passages p ON p.document = d.id WHERE d.tenant = ? AND d.source = ?`);
  const all = database.prepare("SELECT count(*) AS passages FROM passages");
  const occurs = database.prepare("SELECT doc FROM terms WHERE term = ?");
  const found = database.prepare(`SELECT d.source, d.path, p.heading, p.text, bm25(words, 2.0, 1.0) AS rank
    FROM words JOIN passages p ON p.id = words.rowid JOIN documents d ON d.id = p.document
    WHERE words MATCH ? AND d.tenant = ? AND d.source IN (SELECT value FROM json_each(?)) ORDER BY rank LIMIT ?`);

  function remove(id: number): void {
    dropWords.run(id);
    dropPassages.run(id);
    dropDocument.run(id);
  }

  function whole(write: () => void): void {
    database?.exec("BEGIN");
    try {
      write();
      database?.exec("COMMIT");
    } catch (thrown) {
      database?.exec("ROLLBACK");
      throw thrown;
    }
  }

  function drop(tenant: string, source: string, path: string): void {
    const before = documentAt.get(tenant, source, path) as { id: number } | undefined;
    if (before) remove(before.id);
  }

  return {
    known: (tenant, source) => knownDocuments.all(tenant, source) as unknown as Known[],
    put(tenant, source, { path, mark }, pieces) {
      whole(() => {
        drop(tenant, source, path);
        const { id: document } = addDocument.get(tenant, source, path, mark) as { id: number };
        for (const { heading, text } of pieces) {
          const { id } = addPassage.get(document, heading, text) as { id: number };
          addWords.run(id, spaced(heading), spaced(text));
        }
      });
    },
    drop: (tenant, source, path) => whole(() => drop(tenant, source, path)),
    keep(tenant, sources) {
      for (const { source } of sourcesOf.all(tenant) as { source: string }[]) {
        if (sources.includes(source)) continue;
        for (const { path } of knownDocuments.all(tenant, source) as unknown as Known[]) whole(() => drop(tenant, source, path));
      }
    },
    count: (tenant, source) => ({ ...(counted.get(tenant, source) as { documents: number; passages: number }) }),
    search({ tenant, sources, question, limit }) {
      const { passages } = all.get() as { passages: number };
      const often = Math.max(seldom, passages * (passages < few ? commonOfFew : common));
      const telling = wordsOf(question).filter((word) => ((occurs.get(word) as { doc: number } | undefined)?.doc ?? 0) <= often);
      if (telling.length === 0) return [];
      const match = telling.map((word) => (word.length >= stem ? `"${word}"*` : `"${word}"`)).join(" OR ");
      const rows = found.all(match, tenant, JSON.stringify(sources), limit) as unknown as Found[];
      const best = rows[0]?.rank ?? 0;
      return rows
        .filter(({ rank }) => rank <= best * near)
        .map(({ source, path, heading, text }) => ({ at: `${source}/${path}${heading && `#${heading}`}`, text }));
    },
    close: () => database.close(),
  };
}

interface Found {
  readonly source: string;
  readonly path: string;
  readonly heading: string;
  readonly text: string;
  /** The lower the better. */
  readonly rank: number;
}

/** Nothing where it is no such file. It is private, like the documents; not synced, as it can be made again. */
function opened(file: string): DatabaseSync | undefined {
  let database: DatabaseSync | undefined;
  try {
    if (file !== ":memory:") closeSync(openSync(file, "a", 0o600));
    database = new DatabaseSync(file);
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -4096");
    const { user_version } = database.prepare("PRAGMA user_version").get() as { user_version: number };
    const { tables } = database.prepare("SELECT count(*) AS tables FROM sqlite_schema").get() as { tables: number };
    if (tables === 0) database.exec(schema);
    else if (user_version !== layout) throw new Error("another layout");
    database.prepare("SELECT count(*) FROM documents").get();
    return database;
  } catch {
    database?.close();
    return undefined;
  }
}

function fresh(file: string): string {
  for (const end of ["", "-wal", "-shm"]) rmSync(file + end, { force: true });
  return file;
}
