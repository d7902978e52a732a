import type { Chat, Sender } from "../../core/event.ts";
import { call, path } from "./api.ts";
import type { RoomFacts } from "./decode.ts";
import type { RoomEvent, StrippedEvent } from "./event.ts";
import type { MatrixAccount } from "./settings.ts";

export interface Invitation {
  readonly chat: Chat;
  readonly sender: Sender;
}

/** https://spec.matrix.org/v1.16/client-server-api/#stripped-state: who invites us, and whether they mean it as direct. */
export function invitationOf(room: string, events: readonly StrippedEvent[], self: string): Invitation | undefined {
  const own = events.find(({ type, state_key: of, content }) => type === "m.room.member" && of === self && content.membership === "invite");
  if (!own) return undefined;
  const chat: Chat = { id: room, kind: own.content.is_direct === true ? "direct" : "group" };
  return { chat, sender: { id: own.sender, bot: false, self: false } };
}

/**
 * Enters a room where access lets the one who invites speak. In the room itself every message is judged anew, by how many people are in
 * it: an invitation that calls a crowd direct gains nothing.
 */
export async function join(account: MatrixAccount, { chat, sender }: Invitation, signal: AbortSignal): Promise<void> {
  if (!account.admits?.({ chat, sender })) return account.log.info("matrix-invitation-refused", { room: chat.id, from: sender.id });
  const joined = await call(account, "POST", `client/v3/${path("join", chat.id)}?${via(sender.id)}`, {}, { signal, timeoutMs: 60_000 });
  if (!joined.ok) account.log.warn("matrix-not-joined", { room: chat.id, why: joined.fault.fault.message });
}

/** https://spec.matrix.org/v1.16/client-server-api/#room-upgrades: goes on in the room that took this one's place, if access lets people speak there. */
export async function followUpgrade(
  account: MatrixAccount,
  room: string,
  { direct }: RoomFacts,
  event: RoomEvent,
  signal: AbortSignal,
): Promise<void> {
  const { replacement_room: next } = event.content;
  if (typeof next !== "string" || !/^![^\s]{1,254}$/.test(next)) return;
  const sender: Sender = { id: event.sender, bot: false, self: false };
  account.log.warn("matrix-room-upgraded", { from: room, to: next });
  await join(account, { chat: { id: next, kind: direct ? "direct" : "group" }, sender }, signal);
}

/** A server that is in the room, for a room that ours doesn't know yet. */
function via(user: string): string {
  return new URLSearchParams({ via: user.slice(user.indexOf(":") + 1), server_name: user.slice(user.indexOf(":") + 1) }).toString();
}
