import type { DatabaseSync } from "node:sqlite";
import { type Column, quoted, type ReadPage, type Row, type Table } from "./table.ts";

/** Made anew by whoever has the words: the index of the search, which each database keeps in its own way. */
const ownWay = /^(?:sqlite_|search_words)/;

/** What a store in a file holds. */
export function tablesOf(database: DatabaseSync): readonly Table[] {
  const names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
  return names
    .map(({ name }) => String(name))
    .filter((name) => !ownWay.test(name))
    .map((name) => {
      const about = database.prepare(`PRAGMA table_info(${quoted(name)})`).all() as { name: string; type: Column["kind"]; pk: number }[];
      const key = about.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
      return { name, columns: about.map(({ name, type }) => ({ name, kind: type })), key: key.map(({ name }) => name) };
    });
}

export function readerOf(database: DatabaseSync, { name, columns, key }: Table): ReadPage {
  const all = columns.map((column) => quoted(column.name)).join(", ");
  const order = key.map(quoted).join(", ");
  const select = (where: string) => {
    const statement = database.prepare(`SELECT ${all} FROM ${quoted(name)} ${where} ORDER BY ${order} LIMIT ?`);
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    return statement;
  };
  const first = select("");
  const next = select(`WHERE (${order}) > (${key.map(() => "?").join(", ")})`);
  return (after, limit) => (after ? next.all(...after, limit) : first.all(limit)) as unknown as readonly Row[];
}
