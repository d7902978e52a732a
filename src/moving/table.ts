import { createHash } from "node:crypto";

/** A table as both databases have it: the source says what is in it. */
export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  /** Its columns' names, in the order in which it is read: every table of the store has one. */
  readonly key: readonly string[];
}

export interface Column {
  readonly name: string;
  readonly kind: "INTEGER" | "TEXT" | "REAL" | "BLOB";
}

/** Whole numbers are as exact as they are stored. */
export type Cell = null | bigint | number | string | Uint8Array;
export type Row = readonly Cell[];

/** Rows in the order of the key, a page at a time. */
export type ReadPage = (after: Row | undefined, limit: number) => Promise<readonly Row[]> | readonly Row[];

export interface Sum {
  readonly rows: number;
  /** SHA-256, in hex, over all rows in the order of the key, and those behind it whose place the databases don't agree on. */
  readonly sha256: string;
}

const mostRows = 2_000;
/** Letters and bytes of a page, about: long messages make it shorter. */
const pageSize = 2_000_000;

/** What a table holds, told the same way whatever database holds it. */
export async function sumOf(table: Table, read: ReadPage): Promise<Sum> {
  const hash = createHash("sha256");
  // U+0000 is the first of all characters in one database, and has become one of the last in the other.
  const elsewhere: string[] = [];
  let rows = 0;
  let limit = 100;
  for (let after: Row | undefined; ; ) {
    const page = await read(after, limit);
    for (const row of page) {
      const line = `${row.map((cell, index) => shownCell(cell, table.columns[index]?.kind)).join(",")}\n`;
      if (keyOf(table, row).some(moves)) elsewhere.push(createHash("sha256").update(line).digest("hex"));
      else hash.update(line);
    }
    rows += page.length;
    const last = page.at(-1);
    if (!last) return { rows, sha256: hash.update(elsewhere.sort().join()).digest("hex") };
    after = keyOf(table, last);
    limit = Math.max(1, Math.min(mostRows, limit * 4, Math.floor((pageSize * page.length) / sizeOf(page))));
  }
}

/** Letters and bytes, about. */
function sizeOf(rows: readonly Row[]): number {
  let size = 0;
  for (const row of rows) for (const cell of row) size += typeof cell === "string" || cell instanceof Uint8Array ? cell.length : 8;
  return size;
}

export function keyOf({ columns, key }: Table, row: Row): Row {
  return key.map((name) => row[columns.findIndex((column) => column.name === name)] as Cell);
}

/** Our own names, but some are words of SQL. */
export function quoted(name: string): string {
  return `"${name}"`;
}

/** PostgreSQL's text has every character but U+0000. */
export function withoutNull(text: string): string {
  return text.includes("\0") ? text.replaceAll("\0", "\uFFFD") : text;
}

function moves(cell: Cell): boolean {
  return typeof cell === "string" && withoutNull(cell).includes("\uFFFD");
}

function shownCell(cell: Cell, kind: Column["kind"] | undefined): string {
  if (cell === null) return "-";
  if (kind === "BLOB") return `b${Buffer.from(cell as Uint8Array).toString("hex")}`;
  if (kind === "REAL") return `r${Number(cell)}`;
  return typeof cell === "string" ? `t${JSON.stringify(withoutNull(cell))}` : `i${cell}`;
}
