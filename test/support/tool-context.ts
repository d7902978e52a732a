import { fail } from "../../src/core/errors.ts";
import type { AccountId, ConversationId, TenantId } from "../../src/core/ids.ts";
import type { ToolContext } from "../../src/core/tool.ts";

/** In whose name a tool runs in a test; what it may do besides does nothing. */
export function toolContext(more: Partial<ToolContext> = {}): ToolContext {
  return {
    ...{ tenant: "default" as TenantId, account: "bot" as AccountId, conversation: "cv_1" as ConversationId, sender: "ada" },
    clock: { now: () => Date.UTC(2026, 10, 22, 12), elapsed: () => 0, after: () => () => {} },
    signal: new AbortController().signal,
    handOver: () => {},
    reminders: { set: async () => undefined, list: async () => [], cancel: async () => false },
    react: async () => undefined,
    knowledge: async () => [],
    fetchPage: async () => fail("http-unreachable", "there is no network"),
    ...more,
  };
}
