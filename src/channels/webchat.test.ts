import assert from "node:assert/strict";
import { test } from "node:test";
import { channelContract, type Platform } from "../../test/contract/channel.ts";
import { readMarkdown } from "../../test/contract/specimen.ts";
import { defineChannel } from "../core/channel.ts";
import webchat, { type Settings } from "./webchat.ts";

/** What visitors see: as in the store, a message is there once its delivery has a receipt. */
const shown = new Map<string, string>();
const observed = defineChannel<Settings>({
  ...webchat,
  async send(account, outbound, signal) {
    const outcome = await webchat.send(account, outbound, signal);
    if (outcome.kind === "sent") shown.set(outcome.receipt, outbound.content.text);
    return outcome;
  },
});

channelContract(observed, {
  secrets: [],
  refusedSettings: { "the title is empty": { title: "" }, "the greeting is endless": { greeting: "x".repeat(1_001) } },
  async platform(): Promise<Platform> {
    shown.clear();
    return {
      settings: { title: "Ask us" },
      chat: { id: "vs_1", kind: "direct" },
      seen: () => [...shown.values()],
      read: readMarkdown,
      close: async () => {},
    };
  },
});

test("an account without settings has a title", () => assert.deepEqual(webchat.settings.parse({}), { title: "Assistant" }));
