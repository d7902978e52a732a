import type { Identity } from "./channel.ts";
import type { Fault } from "./errors.ts";
import type { AccountId } from "./ids.ts";
import type { Instant } from "./terms.ts";

/** How a configured account is. */
export interface AccountStatus {
  readonly id: AccountId;
  readonly channel: string;
  /**
   * - `starting`: not yet probed. `ready`: the last round trip succeeded. `retrying`: it failed, and is tried again.
   * - `refused`: a person must act (revoked token, invalid settings). `paused`: by an operator.
   */
  readonly state: "starting" | "ready" | "retrying" | "refused" | "paused";
  readonly identity?: Identity;
  readonly fault?: Fault;
  /** Its sends fail one after the other; one is tried from time to time, the others wait. */
  readonly failing?: Fault;
  readonly since: Instant;
  /** The last successful round trip or verified webhook. */
  readonly aliveAt?: Instant;
  /** Where the platform must send to, if this account takes webhooks. */
  readonly webhookUrl?: string;
  /** What came to its webhook since the start. */
  readonly webhook?: WebhookState;
}

/** When a request proved to be the platform's last, and the last one that didn't. */
export interface WebhookState {
  readonly verifiedAt?: Instant;
  readonly refused?: { readonly at: Instant; readonly fault: Fault };
}
