import type { PlatformEvent } from "./event.ts";
import type { Access } from "./route.ts";

/** Whether a policy could let them speak there (with `pairing`: at least as far as getting a code): what an account asks before it enters a place that somebody invites it to. */
export function mayEnter(access: Access, { chat, sender }: Pick<PlatformEvent, "chat" | "sender">): boolean {
  switch (chat.kind === "group" ? access.group : access.direct) {
    case "open":
    case "pairing":
      return true;
    case "allowlist":
      return chat.kind === "group" ? access.groups.includes(chat.id) : access.allow.includes(sender.id);
    default:
      return false;
  }
}
