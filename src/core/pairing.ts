import { randomInt } from "node:crypto";
import type { Sender } from "./event.ts";
import type { AccountId, TenantId } from "./ids.ts";
import type { Instant } from "./terms.ts";

/**
 * A stranger's way in where `access.direct` is `pairing`: who writes gets a code, and an operator who hears it from that
 * person lets the sender in, by the platform's immutable id. Nothing of what was written before is answered.
 *
 * - `asked`: the code is valid until `expiresAt`. `approved`: the sender may write. `denied`: not, and gets no further code.
 */
export interface Pairing {
  readonly tenant: TenantId;
  readonly account: AccountId;
  /** The platform's id, and how they call themselves: names prove nothing. */
  readonly sender: string;
  readonly name?: string;
  readonly handle?: string;
  readonly state: "asked" | "approved" | "denied";
  readonly code: string;
  readonly askedAt: Instant;
  readonly expiresAt: Instant;
  /** When the sender was told the code last, and how often. */
  readonly toldAt: Instant;
  readonly told: number;
  /** Who decided, and when. */
  readonly by?: string;
  readonly decidedAt?: Instant;
}

export type PairingVerdict = "approved" | "denied";

/** By the code, or by the sender's id on the account. */
export type PairingChoice = { readonly code: string } | { readonly account: AccountId; readonly sender: string };

export interface PairingStore {
  /** What is known of the sender there. */
  pairing(tenant: TenantId, account: AccountId, sender: string): Promise<Pairing | undefined>;
}

export const pairingLimits = {
  /** Milliseconds that a code is valid. */
  validMs: 60 * 60_000,
  /** Milliseconds between two times that a sender is told it, and how often at most. */
  againMs: 10 * 60_000,
  tellings: 3,
  /** Codes of one account that are valid at the same time; who comes then is told nothing. */
  waiting: 20,
} as const;

/** What a request for a code may do at that moment: see `pairingLimits`. */
export interface PairingRequest {
  readonly sender: Pick<Sender, "id" | "name" | "handle">;
  readonly code: string;
  readonly at: Instant;
}

/** Without letters that look or sound like others: https://www.crockford.com/base32.html */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** 40 bits, `K7QM-2XRP`: it is only good together with an operator, and for an hour. */
export function newPairingCode(): string {
  const letters = Array.from({ length: 8 }, () => alphabet[randomInt(alphabet.length)]).join("");
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

/** As a person types it: in any case, with or without the dash, with O for 0 and I or L for 1. */
export function readPairingCode(typed: string): string | undefined {
  const letters = typed.toUpperCase().replace(/[\s-]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
  return /^[0-9A-HJKMNP-TV-Z]{8}$/.test(letters) ? `${letters.slice(0, 4)}-${letters.slice(4)}` : undefined;
}

/** What the sender is told; the code is the same while it is valid. Nothing where it was told enough, or denied. */
export function pairingCodeFor(known: Pairing | undefined, now: Instant): string | undefined {
  const { againMs, tellings } = pairingLimits;
  if (known?.state === "denied") return undefined;
  if (!known || known.state === "approved" || known.expiresAt <= now) return newPairingCode();
  return known.told < tellings && now - known.toldAt >= againMs ? known.code : undefined;
}

export function pairingText(code: string): string {
  return `I don't know you yet. Tell whoever runs me this code, and they can let you in: ${code}. It is valid for an hour.`;
}
