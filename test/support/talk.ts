import { z } from "zod";
import { type Channel, defineChannel } from "../../src/core/channel.ts";
import { ok } from "../../src/core/errors.ts";
import type { PlatformEvent } from "../../src/core/event.ts";
import { type Part, textPart } from "../../src/core/message.ts";
import { plain } from "../../src/dialects/plain.ts";

/** A channel that takes everything, and notes what it sent; a second time it knows it again. */
export function noting(sent: string[], note = (text: string, _chat: string) => text): Channel<never> {
  const known = new Set<string>();
  return defineChannel<object>({
    ...{ kind: "chat", name: "Chat", summary: "", settings: z.object({}), dialect: plain, guide: "", idempotent: true },
    limits: { text: { max: 4_096, unit: "utf16", counts: "sent" }, rate: { account: 1e9, conversation: 1e9 } },
    probe: async () => ok({ id: "me", name: "me" }),
    async send(_, { delivery, chat, content }) {
      if (!known.has(delivery)) sent.push(note(content.text, chat.id));
      known.add(delivery);
      return { kind: "sent", receipt: delivery };
    },
  }) as Channel<never>;
}

let made = 0;

/** What somebody says in a direct chat of his own, unless told otherwise. */
export function says(
  text: string | readonly Part[],
  { sender = "ada", chat = sender }: { sender?: string; chat?: string } = {},
): PlatformEvent {
  made += 1;
  const parts = typeof text === "string" ? [textPart(text)] : text;
  return {
    ...{ kind: "message", key: `k${made}`, platformId: `p${made}`, at: Date.now(), addressed: true, parts },
    ...{ chat: { id: chat, kind: "direct" }, sender: { id: sender, name: "Ada", bot: false, self: false } },
  };
}
