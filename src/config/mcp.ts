import type { McpConfiguration } from "../core/configuration.ts";
import type { Json } from "../core/terms.ts";
import { entriesOf } from "./accounts.ts";
import { type Check, checkSettings, expandEntry } from "./entries.ts";
import { mcpSchema } from "./schema.ts";

/** Each by itself: a bad one is left out with a finding, and its tools with it. */
export async function checkMcp(section: Json | undefined, check: Check): Promise<Map<string, McpConfiguration>> {
  const servers = new Map<string, McpConfiguration>();
  for (const [name, entry] of entriesOf(section, "mcp", check)) {
    const at = ["mcp", name];
    const expanded = await expandEntry(entry, at, mcpSchema, check);
    const settings = expanded && (await checkSettings(mcpSchema, expanded, at, "mcp-invalid", [], check));
    if (settings) servers.set(name, settings as McpConfiguration);
  }
  return servers;
}
