import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Desk, openDesk } from "../../support/desk.ts";
import { traced } from "./trace.ts";

export interface Recording {
  /** What strace wrote. */
  readonly trace: string;
  /** The platforms' side, each line flushed by itself: `id` at `at` (milliseconds since 1970, rounded up). */
  readonly acknowledged: readonly Noted[];
  readonly delivered: readonly Noted[];
}

export interface Noted {
  readonly id: string;
  readonly at: number;
}

const entry = fileURLToPath(new URL("./gateway.ts", import.meta.url));
const senders = 24;

/** Runs a gateway in `home` under strace while `messages` signed webhooks are posted, until it has stopped in peace. */
export async function record(
  home: string,
  logs: string,
  options: { readonly messages: number; readonly broken?: string },
): Promise<Recording> {
  const acknowledged = openLog(join(logs, "acknowledged"));
  const delivered = openLog(join(logs, "delivered"));
  await using desk = await openDesk({ connections: senders, arrived: ({ id }) => delivered.note(id) });
  const providers = { demo: { kind: "demo", delayMs: 0 } };
  await writeFile(join(home, "polylogue.json5"), JSON.stringify({ accounts: { desk: desk.account }, providers, log: { level: "error" } }));
  const trace = join(logs, "trace");
  const child = startTraced(home, trace, options.broken);
  try {
    const url = await ready(child);
    await postAll(desk, url, options.messages, acknowledged.note);
  } finally {
    child.stdin?.end();
    await once(child, "close");
  }
  return { trace, acknowledged: acknowledged.read(), delivered: delivered.read() };
}

function startTraced(home: string, trace: string, broken: string | undefined): ChildProcess {
  const database = join(home, "polylogue.db");
  const paths = [home, database, `${database}-wal`].flatMap((path) => ["-P", path]);
  const tracing = ["-f", "--seccomp-bpf", "-ttt", "-xx", "-y", "-s", "1000000", ...paths, "-e", `trace=${traced}`, "-o", trace];
  const { PATH = "" } = process.env;
  return spawn("strace", [...tracing, process.execPath, entry], {
    env: { PATH, HOME: home, POLYLOGUE_HOME: home, UV_USE_IO_URING: "0", ...(broken && { POWER_BROKEN: broken }) },
    stdio: ["pipe", "pipe", "inherit"],
  });
}

async function ready(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const match = /^ready (http:\/\/[^/]+)\//.exec(line);
    if (match) return match[1] as string;
  }
  throw new Error("the gateway ended before it was ready");
}

async function postAll(desk: Desk, url: string, messages: number, note: (id: string) => void): Promise<void> {
  let next = 0;
  const send = async (sender: number) => {
    while (next < messages) {
      const id = `evt_${next++}`;
      if ((await desk.post(url, { id, conversation: `c${sender}`, text: `message ${id}` })) === 202) note(id);
    }
  };
  await Promise.all(Array.from({ length: senders }, (_, sender) => send(sender)));
}

/** A log that outlives its writer: a line counts once it is on the disk. */
function openLog(file: string): { note(id: string): void; read(): readonly Noted[] } {
  const handle = openSync(file, "a");
  return {
    note(id) {
      // Rounded up: it was certainly known by then.
      writeSync(handle, `${JSON.stringify({ id, at: Date.now() + 1 })}\n`);
      fsyncSync(handle);
    },
    read() {
      closeSync(handle);
      return readFileSync(file, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Noted);
    },
  };
}
