import pg from "pg";
import { type Fault, FaultError, fault } from "../core/errors.ts";
import { failureOf, unavailable } from "../stores/postgres/connection.ts";
import { locks } from "../stores/postgres/locks.ts";
import { type Cell, quoted, type ReadPage, type Row, type Table, withoutNull } from "./table.ts";

/** Numbers as they are written: bigint has more of them than JavaScript's. */
const types = {
  getTypeParser: (type: number) => (type === 17 ? (text: string) => Buffer.from(text.slice(2), "hex") : (text: string) => text),
};

/** A connection that tells everything as exactly as it is stored; it has yet to connect. */
export function exactClientOf(url: string, name: string): pg.Client {
  const client = new pg.Client({ connectionString: url, application_name: name, types: types as pg.CustomTypesConfig });
  client.on("error", () => {});
  return client;
}

/** Keeps every gateway out as long as the connection lives. */
export async function keepOut(client: pg.Client): Promise<Fault | undefined> {
  const { rows } = await client.query<{ free: string }>(locks.own);
  return rows[0]?.free === "t" ? undefined : fault("store-locked", "A gateway runs on the database.");
}

export function readerOf(client: pg.Client, { name, columns, key }: Table): ReadPage {
  const all = columns.map((column) => quoted(column.name)).join(", ");
  const order = key.map(quoted).join(", ");
  const behind = `WHERE (${order}) > (${key.map((_, index) => `$${index + 1}`).join(", ")})`;
  return async (after, limit) => {
    const text = `SELECT ${all} FROM ${quoted(name)} ${after ? behind : ""} ORDER BY ${order} LIMIT ${limit}`;
    const { rows } = await client.query<Cell[]>({ text, values: (after ?? []).map(storable), rowMode: "array" });
    return rows.map((row): Row => row.map((cell, index) => cellOf(cell, columns[index]?.kind)));
  };
}

function cellOf(cell: Cell, kind: Table["columns"][number]["kind"] | undefined): Cell {
  if (cell === null) return null;
  if (kind === "INTEGER") return BigInt(cell as string);
  return kind === "REAL" ? Number(cell) : cell;
}

export function storable(cell: Cell): unknown {
  if (typeof cell === "string") return withoutNull(cell);
  if (typeof cell === "bigint") return String(cell);
  return cell instanceof Uint8Array ? Buffer.from(cell) : cell;
}

/** Nothing, when there is no such table. */
export function absent(thrown: unknown): undefined {
  if ((thrown as { code?: string }).code !== "42P01") throw thrown;
}

/** What the server says becomes a fault where it is the cause. */
export function moveFault(thrown: unknown): Fault {
  if (thrown instanceof FaultError) return thrown.fault;
  if (failureOf(thrown) === "bug") throw thrown;
  return unavailable(thrown);
}
