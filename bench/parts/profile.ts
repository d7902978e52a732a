import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Effort, ProfileFigures } from "../figures.ts";
import { now } from "../load/now.ts";
import { temporaryFolder } from "../processes.ts";
import { runSlice, withGateway } from "./slice.ts";

/** What V8 writes: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
export interface CpuProfile {
  readonly nodes: readonly CpuNode[];
  /** Microseconds of the machine's monotonic clock. */
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface CpuNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

const longest = 25;

/** Where the gateway's time goes under the load of `path`, once V8 has compiled all of it. */
export async function measureProfile(effort: Effort): Promise<ProfileFigures> {
  const folder = temporaryFolder();
  try {
    const { delivered, from, to } = await withGateway({ profile: folder.path }, async (stand) => {
      await runSlice("profile", stand, { seconds: effort.warmSeconds });
      const from = now();
      const slice = await runSlice("profile", stand, { seconds: effort.seconds });
      return { ...slice, from, to: now() };
    });
    const [file] = readdirSync(folder.path).filter((name) => name.endsWith(".cpuprofile"));
    const profile = JSON.parse(readFileSync(join(folder.path, file as string), "utf8")) as CpuProfile;
    return { messages: delivered, ...summarise(profile, from * 1000, to * 1000) };
  } finally {
    folder.remove();
  }
}

/** Self time between two moments, as shares of what isn't idle. */
export function summarise(profile: CpuProfile, from: number, to: number): Omit<ProfileFigures, "messages"> {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node] as const)));
  const rooms = new Map<string, number>();
  const functions = new Map<string, { name: string; place: string; micros: number }>();
  let at = profile.startTime;
  let all = 0;
  for (const [index, id] of profile.samples.entries()) {
    at += profile.timeDeltas[index] ?? 0;
    const node = nodes.get(id);
    // A sample stands for the time until the next one.
    const micros = profile.timeDeltas[index + 1] ?? 0;
    if (!node || at < from || at > to || node.callFrame.functionName === "(idle)") continue;
    all += micros;
    const room = roomOf(node, parents);
    rooms.set(room, (rooms.get(room) ?? 0) + micros);
    const name = node.callFrame.functionName || "(anonymous)";
    const place = placeOf(node, parents);
    const key = `${name} ${place} ${node.callFrame.lineNumber}`;
    const known = functions.get(key) ?? { name, place, micros: 0 };
    known.micros += micros;
    functions.set(key, known);
  }
  const share = (micros: number) => micros / Math.max(all, 1);
  return {
    rooms: [...rooms].map(([name, micros]) => ({ name, share: share(micros) })).sort((a, b) => b.share - a.share),
    functions: [...functions.values()]
      .map(({ name, place, micros }) => ({ name, place, share: share(micros) }))
      .sort((a, b) => b.share - a.share)
      .slice(0, longest),
  };
}

type Parents = ReadonlyMap<number, CpuNode>;

/** Our folder, the package, the part of Node, or what V8 does itself. What has no place of its own counts where it is called. */
function roomOf(node: CpuNode, parents: Parents): string {
  const { functionName, url } = node.callFrame;
  if (functionName === "(garbage collector)") return "garbage collection";
  if (functionName === "(program)") return "the process itself (system calls, V8)";
  const own = /\/(?:src|dist)\/([\w-]+)(?:\/|\.[tj]s)/.exec(url)?.[1];
  const foreign = packageOf(url);
  if (foreign) return foreign;
  if (own) return url.includes(`/${own}/`) ? `${own}/` : `${own}.ts`;
  if (url.includes("/bench/")) return "the model in the process (bench)";
  if (url.startsWith("node:")) return url.replace(/^node:(internal\/)?/, "node: ").replace(/(node: [\w-]+).*$/, "$1");
  const caller = callerOf(node, parents);
  if (!caller) return "V8 and Node, native";
  if (/\/stores\//.test(caller.callFrame.url)) return "SQLite and other native calls of stores/";
  return `native calls of ${roomOf(caller, parents)}`;
}

function placeOf(node: CpuNode, parents: Parents): string {
  const { url } = node.callFrame;
  const line = node.callFrame.lineNumber + 1;
  const foreign = packageOf(url);
  if (foreign) return `${foreign}, ${url.replace(/^.*\//, "")}:${line}`;
  const own = /\/((?:src|dist|bench)\/.*)$/.exec(url)?.[1];
  if (own) return `${own}:${line}`;
  if (url) return `${url}:${line}`;
  const caller = callerOf(node, parents);
  return caller ? `native, called by ${caller.callFrame.functionName || "(anonymous)"} in ${placeOf(caller, parents)}` : "native";
}

function packageOf(url: string): string | undefined {
  return /\/node_modules\/((?:@[\w.-]+\/)?[\w.-]+)\/(?!.*\/node_modules\/)/.exec(url)?.[1];
}

function callerOf(node: CpuNode, parents: Parents): CpuNode | undefined {
  let caller = parents.get(node.id);
  while (caller && caller.callFrame.url === "" && caller.callFrame.functionName !== "(root)") caller = parents.get(caller.id);
  return caller?.callFrame.url ? caller : undefined;
}
