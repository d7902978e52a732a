import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Kinds } from "./config/sources.ts";
import type { Channel } from "./core/channel.ts";
import type { Provider } from "./core/provider.ts";
import type { Tool } from "./core/tool.ts";

/** The open sets: the folder is the registry, a file (or a folder with an index) in it is a member. */
type KindFolder = "channels" | "providers" | "tools";

/** `.ts` in a clone, `.js` when built. */
const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";

/** Everything there is, by name; loaded when asked for. */
export interface AllKinds extends Kinds {
  channel(kind: string): Promise<Channel | undefined>;
  provider(kind: string): Promise<Provider | undefined>;
  tool(name: string): Promise<Tool | undefined>;
}

export function allKinds(): AllKinds {
  const tool = kindLoader<Tool>("tools");
  return {
    channel: kindLoader<Channel>("channels"),
    provider: kindLoader<Provider>("providers"),
    // A tool's name is what a model sees (current_time), its file's is ours (current-time).
    tool: (name) => tool(name.replaceAll("_", "-")),
    channels: kindNames("channels"),
    providers: kindNames("providers"),
    tools: kindNames("tools").map((name) => name.replaceAll("-", "_")),
  };
}

/** The names in a folder, without loading anything. */
function kindNames(folder: KindFolder): readonly string[] {
  const entries = readdirSync(fileURLToPath(new URL(`./${folder}/`, import.meta.url)), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() || (entry.name.endsWith(extension) && !/\.(test|d)\.[jt]s$/.test(entry.name)))
    .map((entry) => (entry.isDirectory() ? entry.name : entry.name.slice(0, -extension.length)))
    .sort();
}

/** Loads one member by its name, once; nothing when there is none of that name. */
function kindLoader<Kind>(folder: KindFolder): (name: string) => Promise<Kind | undefined> {
  const loaded = new Map<string, Promise<Kind>>();
  return async (name) => {
    const known = loaded.get(name);
    if (known) return known;
    // Only names that the folder lists: a name from a configuration is never a path.
    const root = new URL(`./${folder}/`, import.meta.url);
    const entries = readdirSync(fileURLToPath(root), { withFileTypes: true });
    const file = entries.find((entry) => entry.isFile() && entry.name === name + extension);
    const inFolder = entries.find((entry) => entry.isDirectory() && entry.name === name);
    if (!file && !inFolder) return undefined;
    const address = new URL(file ? file.name : `${name}/index${extension}`, root);
    const loading = import(address.href).then((module: { default: Kind }) => module.default);
    loaded.set(name, loading);
    return loading;
  };
}
