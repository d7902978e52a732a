/** Branded ids: a string of one kind can't be passed for another. Each says in which scope it is unique. */

declare const kind: unique symbol;
type Id<Kind extends string> = string & { readonly [kind]: Kind };

/** Unique in the installation. */
export type TenantId = Id<"tenant">;
/** The key under `accounts` in the configuration; unique in the tenant. */
export type AccountId = Id<"account">;
/** The key under `agents` in the configuration; unique in the tenant. */
export type AgentId = Id<"agent">;
/** Ours, `cv_…`; unique in the installation, one per account + chat + thread. */
export type ConversationId = Id<"conversation">;
/** Ours, `ev_…`; unique in the installation. It is also the trace id of everything that follows from the event. */
export type EventId = Id<"event">;
/** Ours, `ms_…`; unique in the installation. */
export type MessageId = Id<"message">;
/** Ours, `tn_…`; unique in the installation. */
export type TurnId = Id<"turn">;
/** Ours, `mc_…`; unique in the installation: one billed request to a provider. */
export type ModelCallId = Id<"model-call">;
/** Ours, `dl_…`; unique in the installation; also the idempotency key where the platform takes one. */
export type DeliveryId = Id<"delivery">;
/** Ours, `fl_…`; unique in the installation: a stored attachment. */
export type FileId = Id<"file">;
/** Ours, `ho_…`; unique in the installation. */
export type HandoverId = Id<"handover">;
/** Ours, `nt_…`; unique in the installation: operators' words among themselves. */
export type NoteId = Id<"note">;
/** Ours, `op_…`; unique in the installation. */
export type OperatorId = Id<"operator">;
/** What a ledger entry belongs to: the event that started the story, or the message where an operator did. */
export type TraceId = EventId | MessageId;

export const defaultTenant = "default" as TenantId;

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"; // Crockford's base 32: no i, l, o, u
const prefixes = {
  conversation: "cv",
  event: "ev",
  message: "ms",
  turn: "tn",
  "model-call": "mc",
  delivery: "dl",
  file: "fl",
  operator: "op",
  handover: "ho",
  note: "nt",
} as const;
type Minted = keyof typeof prefixes;

/** Whether a stranger's id is one that only we make: of something that we sent. */
export function looksLikeDelivery(id: string): boolean {
  return /^dl_[0-9a-hjkmnp-tv-z]{22}$/.test(id);
}

const pairs = Array.from({ length: 1024 }, (_, i) => `${alphabet[i >> 5]}${alphabet[i & 31]}`);

let pool = new Uint16Array(0);
let used = 0;
let instant = Number.NaN;
let time = "";

/**
 * A new id: prefix, 9 characters of `now` in milliseconds, 13 random characters (65 bits). Ids made later sort later,
 * so that index pages fill in order; nothing may rely on that order, the wall clock jumps.
 */
export function newId<Kind extends Minted>(of: Kind, now: number): Id<Kind> {
  if (now !== instant) {
    instant = now;
    time = timeOf(now);
  }
  if (used + 7 > pool.length) {
    pool = crypto.getRandomValues(new Uint16Array(7 * 512));
    used = 0;
  }
  let random = alphabet[(pool[used++] as number) & 31] as string;
  for (let i = 0; i < 6; i++) random += pairs[(pool[used++] as number) & 1023];
  return `${prefixes[of]}_${time}${random}` as Id<Kind>;
}

function timeOf(now: number): string {
  let text = "";
  for (let rest = Math.max(0, Math.floor(now)), i = 0; i < 9; i++, rest = Math.floor(rest / 32)) text = alphabet[rest % 32] + text;
  return text;
}
