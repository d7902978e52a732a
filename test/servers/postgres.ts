import { execFile, execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { appendFile, chmod, chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { freePorts } from "./ports.ts";
import { serverProgram } from "./program.ts";

/** A real PostgreSQL on loopback, with data of its own that go with it. */
export interface PostgresServer extends AsyncDisposable {
  /** A new, empty database; its address. */
  database(): Promise<string>;
  /** What an operator's backup makes of that database while it is in use: https://www.postgresql.org/docs/current/app-pgdump.html */
  dump(url: string, file: string): Promise<void>;
  /** Into an empty one. */
  restore(file: string, url: string): Promise<void>;
  /** Ends every connection to that database, as the death of a gateway does. */
  cut(url: string): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
  output(): string;
}

const execFileAsync = promisify(execFile);

/** Debian keeps the programs by version, away from the path. */
function programs(): string | undefined {
  const home = "/usr/lib/postgresql";
  const versions = existsSync(home) ? readdirSync(home).sort((a, b) => Number(b) - Number(a)) : [];
  const debian = versions.map((version) => join(home, version, "bin")).find((bin) => existsSync(join(bin, "initdb")));
  if (debian) return debian;
  const found = spawnSync("sh", ["-c", "command -v initdb"], { encoding: "utf8" });
  return found.status === 0 ? join(found.stdout.trim(), "..") : undefined;
}

/** Why it can't be started here; false where it can. */
export function postgresMissing(): string | false {
  if (!programs()) return "PostgreSQL not installed (Debian, Ubuntu: apt-get install postgresql)";
  return process.getuid?.() === 0 && !servant() && "PostgreSQL doesn't run as root, and there is no user postgres";
}

/** Whom it runs as where we are root: it refuses to be. */
function servant(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout);
  return Number.isInteger(id("-u")) && id("-u") > 0 ? { uid: id("-u"), gid: id("-g") } : undefined;
}

export interface PostgresServerOptions {
  /** What the server is started with besides. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether a commit is on the disk before it is told; tests of programs that die don't need it. */
  readonly flushes?: boolean;
}

/** https://www.postgresql.org/docs/current/server-start.html */
export async function startPostgres(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const bin = programs() ?? "";
  const user = servant();
  const home = await mkdtemp(join(tmpdir(), "polylogue-postgres-"));
  await chmod(home, 0o700);
  if (user) await chown(home, user.uid, user.gid);
  const data = join(home, "data");
  const env = { ...process.env, LANG: "C.UTF-8", HOME: home };
  execFileSync(join(bin, "initdb"), ["-D", data, "-U", "polylogue", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8"], {
    ...user,
    cwd: home,
    env,
    stdio: "pipe",
  });
  const [port = 0] = await freePorts(1);
  await appendFile(
    join(data, "postgresql.conf"),
    `listen_addresses = '127.0.0.1'\nport = ${port}\nunix_socket_directories = ''\nshared_buffers = 64MB\nmax_connections = 200\n${options.flushes ? "" : "fsync = off\nfull_page_writes = off\n"}`,
  );
  const of = (database: string) => `postgres://polylogue@127.0.0.1:${port}/${database}`;
  const ready = async () => {
    // The port answers while it still reads its log.
    for (;;) {
      const answered = await asking(of("postgres"), async (client) => client.query("SELECT 1")).catch(() => undefined);
      if (answered) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const program = serverProgram({
    command: join(bin, "postgres"),
    args: ["-D", data],
    cwd: home,
    ports: [port],
    ready,
    endsBy: "SIGINT",
    ...(options.env && { env: options.env }),
    ...(user && { user }),
  });
  await program.start();
  let made = 0;
  return {
    async database() {
      made += 1;
      const name = `test_${made}`;
      await asking(of("postgres"), (client) => client.query(`CREATE DATABASE ${name}`));
      return of(name);
    },
    async dump(url, file) {
      await execFileAsync(join(bin, "pg_dump"), ["--format=custom", `--file=${file}`, url], { env });
    },
    async restore(file, url) {
      await execFileAsync(join(bin, "pg_restore"), ["--exit-on-error", "--no-owner", `--dbname=${url}`, file], { env });
    },
    async cut(url) {
      const name = new URL(url).pathname.slice(1);
      await asking(of("postgres"), async (client) => {
        const others = "FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()";
        const { rows } = await client.query<{ pid: number }>(`SELECT pid, pg_terminate_backend(pid) ${others}`, [name]);
        const left = async () => (await client.query(`SELECT 1 ${others} AND pid = ANY($2)`, [name, rows.map(({ pid }) => pid)])).rowCount;
        while (await left()) await new Promise((resolve) => setTimeout(resolve, 10));
      });
    },
    start: program.start,
    stop: program.stop,
    output: program.output,
    async [Symbol.asyncDispose]() {
      await program.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function asking<Answer>(url: string, ask: (client: pg.Client) => Promise<Answer>): Promise<Answer> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  try {
    return await ask(client);
  } finally {
    await client.end();
  }
}
