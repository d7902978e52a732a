import type { Sender } from "../core/event.ts";
import { type Part, plainText } from "../core/message.ts";

/** Characters of one message that can be found. */
const longestSaid = 20_000;

export function saidIn(parts: readonly Part[]): string {
  return plainText(parts).slice(0, longestSaid);
}

export function wordsOfSender(sender: Sender | undefined): string {
  return sender ? [sender.name, sender.handle, sender.id].filter(Boolean).join(" ") : "";
}

/** Where a message stands, as words of the index that nobody can write. */
export const placeWords = {
  tenant: (tenant: string) => `t${Buffer.from(tenant).toString("hex")}`,
  account: (account: string) => `a${Buffer.from(account).toString("hex")}`,
  conversation: (id: string) => `c${Buffer.from(id).toString("hex")}`,
  direction: (direction: "in" | "out") => `d${direction}`,
};
