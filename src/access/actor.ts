import type { Fault } from "../core/errors.ts";
import type { TenantId } from "../core/ids.ts";
import type { Operator, Role } from "../core/records.ts";
import type { Instant } from "../core/terms.ts";

/** Who asks, as checked for this request. */
export interface Actor {
  readonly tenant: TenantId;
  readonly operator: Operator;
  /** What counts: the lower one of the credential's and the operator's. */
  readonly role: Role;
  readonly via: "login" | "token";
  readonly label: string;
  /** The hash of the credential. */
  readonly credential: string;
  readonly expiresAt?: Instant;
}

/** How an actor is written into the audit log. */
export function actorName(actor: Actor): string {
  return actor.via === "token" ? `token:${actor.label}` : actor.operator.id;
}

/** Where a request came from. */
export interface Origin {
  /** The address of the real peer; IPv6 as its /64. */
  readonly peer: string;
  /** What the browser calls itself; shown in the list of logins. */
  readonly agent?: string;
}

export interface AccessFault extends Fault {
  /** Milliseconds to wait, with `too-many-attempts`. */
  readonly afterMs?: number;
}
