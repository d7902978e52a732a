import type { Json } from "../core/terms.ts";
import { handoverSchema } from "./handover-schema.ts";
import { httpSchema } from "./http-schema.ts";
import { agentSchema, backupsSchema, limitsSchema, logSchema, retentionSchema } from "./schema.ts";
import type { Tree } from "./tree.ts";

/**
 * What runs without a file: the web chat, answered by the built-in demo model. Each entry stays until it is switched off
 * (`web: false`) or written anew, so that adding a Telegram account doesn't take the web chat away.
 */
export function defaultTree(): Tree {
  // It has no settings of handovers: those of all agents are its own.
  const { handover: _, ...main } = agentSchema.parse({
    instructions:
      "You are a friendly, concise assistant. Answer in the language of the person who writes. Say so when you don't know something, and use your tools where they help.",
    models: ["demo/demo"],
    tools: ["current_time", "calculator"],
  });
  return {
    accounts: { web: { channel: "webchat", access: { direct: "open" } } },
    providers: { demo: { kind: "demo" } },
    agents: { main: main as unknown as Json },
    routes: [{ agent: "main" }],
    handover: handoverSchema.parse({}) as unknown as Json,
    limits: limitsSchema.parse({}) as unknown as Json,
    retention: retentionSchema.parse({}) as Json,
    http: httpSchema.parse({}) as unknown as Json,
    backups: backupsSchema.parse({}),
    log: logSchema.parse({}),
  };
}
