import { z } from "zod";
import { type Channel, defineChannel } from "../../src/core/channel.ts";
import { ok } from "../../src/core/errors.ts";
import type { Chat, PlatformEvent } from "../../src/core/event.ts";
import { textPart } from "../../src/core/message.ts";
import { plain } from "../../src/dialects/plain.ts";

/** A platform in memory: one that can edit, sends at any pace, and remembers what it shows. */
export interface ChatPlatform {
  readonly channel: Channel<never>;
  /** What is to be seen in a chat, in order; `replyTo` in front of what answers a message. */
  shown(chat?: string): readonly string[];
  /** How often something was sent anew. */
  readonly sends: number;
  /** Somebody's message, as the platform tells it; the next number is its id. */
  says(text: string, more?: Said): PlatformEvent;
  /** Where an attachment is fetched from. */
  readonly files: Map<string, string>;
}

type Said = Partial<Extract<PlatformEvent, { kind: "message" }>> | Partial<Extract<PlatformEvent, { kind: "edit" | "press" | "reaction" }>>;

export const ada = { id: "ada", name: "Ada", bot: false, self: false };
export const direct: Chat = { id: "c1", kind: "direct" };

export function createChat(): ChatPlatform {
  const messages: { chat: string; text: string; receipt: string }[] = [];
  const files = new Map<string, string>();
  let sends = 0;
  let written = 0;
  const channel = defineChannel<Record<string, never>>({
    kind: "chat",
    name: "Chat",
    summary: "A platform in memory.",
    guide: "1. Nothing.",
    settings: z.strictObject({}),
    dialect: plain,
    limits: {
      text: { max: 200, unit: "utf16", counts: "visible" },
      rate: { account: 1e9, conversation: 1e9 },
      editEvery: { direct: 1, group: 1 },
    },
    idempotent: false,
    probe: async () => ok({ id: "bot", name: "Bot" }),
    async send(_, { chat, content }) {
      sends += 1;
      const receipt = `r${messages.length + 1}`;
      messages.push({ chat: chat.id, text: `${content.replyTo === undefined ? "" : `${content.replyTo}: `}${content.visible}`, receipt });
      return { kind: "sent", receipt };
    },
    async edit(_, { content, receipt }) {
      const message = messages.find((one) => one.receipt === receipt);
      if (!message) return { kind: "refused", code: "channel-permanent", message: "there is no such message" };
      message.text = content.visible;
      return { kind: "sent", receipt };
    },
    locateFile: async (_, ref) => ok({ method: "GET", url: files.get(ref) ?? "http://127.0.0.1:1/", trust: "configured" }),
  });
  return {
    channel: channel as Channel<never>,
    files,
    shown: (chat = direct.id) => messages.filter((one) => one.chat === chat).map(({ text }) => text),
    get sends() {
      return sends;
    },
    says(text, more = {}) {
      written += 1;
      const message = { kind: "message", platformId: `${written}`, parts: text === "" ? [] : [textPart(text)], addressed: true };
      return { ...message, key: `k${written}`, chat: direct, sender: ada, at: 0, ...more } as PlatformEvent;
    },
  };
}
