import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "./ports.ts";

/** A real homeserver on loopback with a folder of its own: https://element-hq.github.io/synapse/latest/ */
export interface Synapse extends AsyncDisposable {
  readonly url: string;
  readonly serverName: string;
  /** Makes an account, and logs it in. */
  register(name: string): Promise<Person>;
  stop(): Promise<void>;
  start(): Promise<void>;
  logs(): Promise<string>;
}

/** Somebody on the homeserver, and what they can ask of it. */
export interface Person {
  readonly id: string;
  readonly token: string;
  ask(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
}

const python = process.env.SYNAPSE_PYTHON;

/** Why it can't be started here; false where it can. */
export function synapseMissing(): string | false {
  return python && existsSync(python)
    ? false
    : "SYNAPSE_PYTHON names no Python with Synapse (python3 -m venv v; v/bin/pip install matrix-synapse; SYNAPSE_PYTHON=v/bin/python)";
}

const serverName = "matrix.test";

export async function startSynapse(more: object = {}): Promise<Synapse> {
  const home = await mkdtemp(join(tmpdir(), "polylogue-synapse-"));
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const file = join(home, "homeserver.yaml");
  const plenty = { per_second: 1_000, burst_count: 1_000 };
  const configuration = {
    ...{ server_name: serverName, report_stats: false, trusted_key_servers: [], suppress_key_server_warning: true },
    listeners: [{ port, type: "http", tls: false, bind_addresses: ["127.0.0.1"], resources: [{ names: ["client"], compress: false }] }],
    database: { name: "sqlite3", args: { database: join(home, "homeserver.db") } },
    ...{ media_store_path: join(home, "media"), signing_key_path: join(home, "signing.key"), pid_file: join(home, "pid") },
    ...{ enable_registration: true, enable_registration_without_verification: true, macaroon_secret_key: randomBytes(16).toString("hex") },
    ...{
      rc_message: plenty,
      rc_registration: plenty,
      rc_joins: { local: plenty, remote: plenty },
      rc_invites: { per_room: plenty, per_user: plenty, per_issuer: plenty },
    },
    ...more,
  };
  // JSON is YAML.
  await writeFile(file, JSON.stringify(configuration));
  const run = ["-m", "synapse.app.homeserver", "-c", file];
  const keys = spawnSync(python ?? "", [...run, "--generate-keys"], { cwd: home });
  if (keys.status !== 0) throw new Error(`Synapse made no keys:\n${keys.stderr}`);
  let child: ChildProcess | undefined;
  const logs = async () => (await readFile(join(home, "homeserver.log"), "utf8").catch(() => "")).slice(-20_000);
  const synapse: Synapse = {
    ...{ url, serverName, logs },
    async start() {
      const started = spawn(python ?? "", run, { cwd: home, stdio: "ignore" });
      child = started;
      const ended = once(started, "exit").then(async ([code]) => Promise.reject(new Error(`Synapse ended with ${code}:\n${await logs()}`)));
      ended.catch(() => {});
      await Promise.race([answers(`${url}/_matrix/client/versions`), ended]);
    },
    async stop() {
      const running = child;
      child = undefined;
      if (!running || running.exitCode !== null || running.signalCode !== null) return;
      running.kill("SIGTERM");
      await once(running, "exit");
    },
    async register(name) {
      const body = { username: name, password: `${name}-password`, auth: { type: "m.login.dummy" }, inhibit_login: false };
      const made = await ask(url, undefined, "POST", "client/v3/register", body);
      const { user_id: id, access_token: token } = made as { user_id: string; access_token: string };
      return { id, token, ask: (method, path, content) => ask(url, token, method, path, content) };
    },
    async [Symbol.asyncDispose]() {
      await synapse.stop();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  try {
    await synapse.start();
  } catch (thrown) {
    await synapse[Symbol.asyncDispose]();
    throw thrown;
  }
  return synapse;
}

async function ask(url: string, token: string | undefined, method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const answer = await fetch(`${url}/_matrix/${path}`, {
    method,
    headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const json = (await answer.json()) as Record<string, unknown>;
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(json)}`);
  return json;
}

async function answers(address: string): Promise<void> {
  while (
    !(await fetch(address).then(
      (answer) => answer.ok,
      () => false,
    ))
  )
    await new Promise((resolve) => setTimeout(resolve, 100));
}
