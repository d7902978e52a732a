import type { KnowledgeConfiguration } from "../core/configuration.ts";
import type { Json } from "../core/terms.ts";
import { entriesOf } from "./accounts.ts";
import { type Check, checkSettings, expandEntry } from "./entries.ts";
import { knowledgeSchema } from "./schema.ts";

/** Each by itself: one that is wrong is left out with a finding. */
export async function checkKnowledge(section: Json | undefined, check: Check): Promise<Map<string, KnowledgeConfiguration>> {
  const sources = new Map<string, KnowledgeConfiguration>();
  for (const [name, entry] of entriesOf(section, "knowledge", check)) {
    const at = ["knowledge", name];
    const expanded = await expandEntry(entry, at, undefined, check);
    const settings = expanded && (await checkSettings(knowledgeSchema, expanded, at, "knowledge-invalid", [], check));
    if (settings) sources.set(name, settings as KnowledgeConfiguration);
  }
  return sources;
}
