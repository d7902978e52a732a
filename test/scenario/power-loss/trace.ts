import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { createInterface } from "node:readline";

/**
 * What a process did to the files of one folder, from `strace -f -ttt -xx -y`. Each call has the number of the line at
 * which it began and of the one at which it was over: calls of several threads lie across each other.
 */
export type Call = { readonly begun: number; readonly ended: number; readonly file: string } & (
  | { readonly kind: "write"; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: "truncate"; readonly size: number }
  | { readonly kind: "sync" }
  | { readonly kind: "create" }
  | { readonly kind: "unlink" }
);

export interface Trace {
  /** In the order in which they ended. */
  readonly calls: readonly Call[];
  /** Seconds since 1970 of each line, by its number. */
  readonly times: readonly number[];
}

/** What has to be traced for this. Sockets and other files are left out by the path. */
export const traced =
  "openat,write,writev,pwrite64,pwritev,ftruncate,fallocate,fdatasync,fsync,sync_file_range,rename,renameat,renameat2,unlink,unlinkat";

interface Begun {
  readonly text: string;
  readonly line: number;
}

export async function readTrace(file: string): Promise<Trace> {
  const calls: Call[] = [];
  const times: number[] = [];
  const unfinished = new Map<string, Begun>();
  for await (const raw of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    const [, pid = "", time, text = ""] = /^(\d+)\s+(\d+\.\d+) (.*)$/s.exec(raw) ?? [];
    if (time === undefined) continue;
    const line = times.push(Number(time)) - 1;
    if (text.endsWith(" <unfinished ...>")) {
      unfinished.set(pid, { text: text.slice(0, -" <unfinished ...>".length), line });
      continue;
    }
    const rest = /^<\.\.\. \w+ resumed>(.*)$/s.exec(text)?.[1];
    const begun = rest === undefined ? undefined : unfinished.get(pid);
    unfinished.delete(pid);
    const call = callOf(begun ? begun.text + rest : text, begun?.line ?? line, line);
    if (call) calls.push(call);
  }
  return { calls, times };
}

function callOf(text: string, begun: number, ended: number): Call | undefined {
  const [, name = "", given = "", result = ""] = /^(\w+)\((.*)\)\s+= (-?\d+)/s.exec(text) ?? [];
  if (name === "" || Number(result) < 0) return undefined;
  const span = { begun, ended, file: fileOf(name, given) };
  switch (name) {
    case "pwrite64": {
      const [, hex = "", offset = ""] = /^\d+<[^>]*>, "([^"]*)", \d+, (\d+)$/.exec(given) ?? [];
      return { ...span, kind: "write", offset: Number(offset), bytes: bytesOf(hex).subarray(0, Number(result)) };
    }
    case "ftruncate":
      return { ...span, kind: "truncate", size: Number(/, (\d+)$/.exec(given)?.[1]) };
    case "fsync":
    case "fdatasync":
      return { ...span, kind: "sync" };
    case "openat":
      return given.includes("O_CREAT") ? { ...span, kind: "create" } : undefined;
    case "unlink":
    case "unlinkat":
      return { ...span, kind: "unlink" };
    default:
      // What the model doesn't know must not pass unseen: it would be missing in every image.
      throw new Error(`${name} isn't understood: ${text.slice(0, 200)}`);
  }
}

/** The last part of the path: `-y` writes it behind the descriptor, others name it. */
function fileOf(name: string, given: string): string {
  const named = name.startsWith("open") || name.startsWith("unlink");
  const hex = named ? /"([^"]*)"/.exec(given)?.[1] : /^\d+<([^>]*)>/.exec(given)?.[1];
  return basename(bytesOf(hex ?? "").toString("utf8"));
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll("\\x", ""), "hex");
}
