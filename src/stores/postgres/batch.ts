import pg from "pg";
import type { Answer, Query, Value } from "../../tables/work.ts";

/** What can be asked on one connection, or on any of several. */
export type Asker = Pick<pg.ClientBase, "query">;

/** What PostgreSQL says of a statement that is done, and its rows. */
export interface Told extends Answer {
  /** As in `COMMIT`, `INSERT 0 1`: https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-COMMANDCOMPLETE */
  readonly tag: string;
}

/**
 * Asks for all of them in one write to the socket, and gives their answers in order. Where one fails, so does the whole, and what comes behind it isn't
 * done. Each is prepared once on each connection, and described once: what its rows are can't change after that.
 */
export function askAll(asker: Asker, questions: readonly Query[]): Promise<readonly Told[]> {
  const query = asker.query as unknown as (batch: Batch, values: undefined, done: Done) => void;
  return new Promise((resolve, reject) => {
    query.call(asker, new Batch(questions), undefined, (thrown, told) => (told ? resolve(told) : reject(thrown)));
  });
}

type Done = (thrown: Error | undefined | null, told?: readonly Told[]) => void;

interface Column {
  readonly name: string;
  readonly read: (text: string) => unknown;
}

/** Statements that a connection knows, by their SQL, with the columns of their rows. */
const known = new WeakMap<pg.Connection, Map<string, readonly Column[]>>();

/** What `pg` hands its queries to: https://github.com/brianc/node-postgres/blob/master/packages/pg/lib/client.js, and pg-cursor beside it, which is another. */
class Batch implements pg.Submittable {
  /** Set by `pg`, before it hears anything. */
  callback?: Done;
  readonly #questions: readonly Query[];
  readonly #told: Told[] = [];
  #rows: Record<string, unknown>[] = [];
  #known = new Map<string, readonly Column[]>();
  /** They are known once all went well: what a failure left prepared is prepared anew. */
  readonly #fresh = new Map<string, readonly Column[]>();

  constructor(questions: readonly Query[]) {
    this.#questions = questions;
  }

  /** https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY */
  submit(connection: pg.Connection): void {
    this.#known = known.get(connection) ?? new Map();
    known.set(connection, this.#known);
    connection.stream.cork();
    try {
      for (const question of this.#questions) this.#send(connection as unknown as Wire, question);
      connection.sync();
    } finally {
      connection.stream.uncork();
    }
  }

  #send(wire: Wire, { sql, values }: Query): void {
    const { name, text } = preparedOf(sql);
    const unknown = !this.#known.has(sql) && !this.#fresh.has(sql);
    if (unknown) {
      this.#fresh.set(sql, []);
      wire.close({ type: "S", name });
      wire.parse({ name, text });
    }
    wire.bind({ statement: name, values, valueMapper: written });
    if (unknown) wire.describe({ type: "P", name: "" });
    wire.execute();
  }

  handleRowDescription({ fields }: { readonly fields: readonly pg.FieldDef[] }): void {
    const columns = fields.map(({ name, dataTypeID }) => ({ name, read: readerOf(dataTypeID) }));
    this.#fresh.set(this.#sql(), columns);
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    const columns = this.#columns();
    const row: Record<string, unknown> = {};
    for (let n = 0; n < columns.length; n++) {
      const { name, read } = columns[n] as Column;
      const text = fields[n] as string | null;
      row[name] = text === null ? null : read(text);
    }
    this.#rows.push(row);
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#told.push({ rows: this.#rows, changes: Number(/\d+$/.exec(text)?.[0] ?? 0), tag: text });
    this.#rows = [];
  }

  handleReadyForQuery(): void {
    for (const [sql, columns] of this.#fresh) this.#known.set(sql, columns);
    this.callback?.(null, this.#told);
  }

  handleError(thrown: Error): void {
    this.callback?.(thrown);
  }

  /** That of the statement whose answer comes in. */
  #sql(): string {
    return this.#questions[this.#told.length]?.sql ?? "";
  }

  #columns(): readonly Column[] {
    const sql = this.#sql();
    return this.#known.get(sql) ?? this.#fresh.get(sql) ?? [];
  }
}

/** Of `pg`'s connection what its types don't have right. */
interface Wire {
  close(of: { readonly type: "S"; readonly name: string }): void;
  parse(of: Prepared): void;
  bind(of: { readonly statement: string; readonly values: readonly Value[]; readonly valueMapper: typeof written }): void;
  describe(of: { readonly type: "P"; readonly name: "" }): void;
  execute(): void;
}

interface Prepared {
  readonly name: string;
  readonly text: string;
}

/** The names of what is prepared are the same on every connection: each prepares what it is asked first. */
const names = new Map<string, Prepared>();

function preparedOf(sql: string): Prepared {
  const named = names.get(sql);
  if (named) return named;
  const made = { name: `q${names.size}`, text: withDollars(sql) };
  names.set(sql, made);
  return made;
}

/** `?` and `?1` become `$1`. Nothing of ours has a question mark in quotes. */
function withDollars(sql: string): string {
  let last = 0;
  return sql.replace(/\?(\d*)/g, (_, number: string) => `$${number === "" ? ++last : number}`);
}

/** As `pg` sends it: text, or bytes. PostgreSQL's text holds every character but NUL: https://www.postgresql.org/docs/current/datatype-character.html */
function written(value: Value | undefined): string | Buffer | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return value.includes("\0") ? value.replaceAll("\0", "\uFFFD") : value;
  return typeof value === "object" ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : String(value);
}

const asText = (text: string) => text;

/**
 * Numbers of ours are whole and small enough for JavaScript's; conditions in a list of columns are 0 and 1, as in SQLite.
 * https://github.com/brianc/node-pg-types, and the numbers of https://www.postgresql.org/docs/current/catalog-pg-type.html
 */
const readers: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => (text === "t" ? 1 : 0), // bool
  17: (text) => new Uint8Array(Buffer.from(text.slice(2), "hex")), // bytea, as `\x…`
  20: Number, // int8
  1700: Number, // numeric: sums of int8
};

export function readerOf(type: number): (text: string) => unknown {
  return readers[type] ?? (pg.types.getTypeParser(type, "text") as typeof asText);
}
