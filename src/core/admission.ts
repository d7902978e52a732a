import type { Chat, Sender } from "./event.ts";
import type { IgnoreReason } from "./ledger.ts";
import type { Access } from "./route.ts";

/** Somebody who speaks somewhere. */
export interface Speaker {
  readonly chat: Pick<Chat, "id" | "kind">;
  readonly sender: Pick<Sender, "id">;
  /** An operator let the sender in. */
  readonly paired?: true | undefined;
}

/** Why they may not be heard; nothing where they may. An empty list admits nobody. */
export function refusalFor(access: Access, { chat, sender, paired }: Speaker): IgnoreReason | undefined {
  const group = chat.kind === "group";
  switch (group ? access.group : access.direct) {
    case "open":
      return undefined;
    case "allowlist":
      if (group) return access.groups.includes(chat.id) ? undefined : "group-not-allowed";
      return access.allow.includes(sender.id) ? undefined : "sender-not-allowed";
    case "pairing":
      return paired || access.allow.includes(sender.id) ? undefined : "sender-unpaired";
    default:
      return group ? "group-off" : "direct-off";
  }
}

/** Whether they may be heard there, or at least get a code: what an account asks before it enters a place that somebody invites it to. */
export function mayEnter(access: Access, speaker: Speaker): boolean {
  const refusal = refusalFor(access, speaker);
  return refusal === undefined || refusal === "sender-unpaired";
}
