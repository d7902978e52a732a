import { readdirSync } from "node:fs";
import type { Place } from "./stand.ts";

const folder = new URL("./stands/", import.meta.url);
const load = async (file: string) => ((await import(new URL(file, folder).href)) as { readonly default: Place }).default;
const files = readdirSync(folder).sort();

/** Every channel's place in the crowd: the folder is the registry, a file's name is the kind. */
export const stands = await Promise.all(files.map(async (file) => ({ kind: file.replace(/\.ts$/, ""), ...(await load(file)) })));
