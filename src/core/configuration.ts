import type { Alert } from "./alert.ts";
import type { Budget } from "./budget.ts";
import type { SaidFinding } from "./finding.ts";
import type { AccountId, AgentId } from "./ids.ts";
import type { Capabilities } from "./provider.ts";
import type { Retention } from "./retention.ts";
import type { Access, Agent, Route } from "./route.ts";

/**
 * The configuration as it runs: checked, defaults filled in, secrets resolved. What was invalid is left out and stands
 * in `findings`; it never stops the rest.
 */
export interface Configuration {
  readonly accounts: ReadonlyMap<AccountId, AccountConfiguration>;
  readonly providers: ReadonlyMap<string, ProviderConfiguration>;
  readonly agents: ReadonlyMap<AgentId, Agent>;
  readonly mcp: ReadonlyMap<string, McpConfiguration>;
  readonly knowledge: ReadonlyMap<string, KnowledgeConfiguration>;
  readonly routes: readonly Route[];
  readonly budgets: readonly Budget[];
  readonly alerts: readonly Alert[];
  readonly limits: Limits;
  readonly retention: Retention;
  readonly http: HttpSettings;
  readonly findings: readonly SaidFinding[];
}

/**
 * How an answer appears while it is being written. `edit`: one message that is edited; `native`: the platform's own preview,
 * `edit` where there is none; `blocks`: finished paragraphs as messages of their own; `off`, and wherever the channel can't:
 * the whole answer at its end.
 */
export type Streaming = "edit" | "native" | "blocks" | "off";

export interface AccountConfiguration {
  readonly id: AccountId;
  readonly channel: string;
  /** As the channel's schema gives it, secrets resolved. */
  readonly settings: unknown;
  readonly access: Access;
  /** What to do with a delivery whose outcome nobody knows, where the platform can't dedupe. */
  readonly onUnknown: "hold" | "resend";
  readonly streaming: Streaming;
  /** Turns that run at the same time. Absent: no limit of its own. */
  readonly maxConcurrentRequests?: number | undefined;
}

export interface ProviderConfiguration {
  readonly id: string;
  readonly kind: string;
  readonly settings: unknown;
  /** The same settings with each of its further keys. */
  readonly moreKeys: readonly unknown[];
  /** Milliseconds without a word after which a call is given up. */
  readonly stallMs: number;
  /** What the operator says about its models; `*` stands for all others. */
  readonly models: { readonly [model: string]: { readonly [key in keyof Capabilities]?: Capabilities[key] | undefined } };
  /** By the model's own name; `*` stands for all others. US dollars per million tokens. */
  readonly prices: ReadonlyMap<string, ModelPrice>;
  /** Model calls that are under way at the same time. Absent: no limit of its own. */
  readonly maxConcurrentRequests?: number | undefined;
}

/** An MCP server: a program of one's own, or an address. */
export interface McpConfiguration {
  readonly command?: readonly string[] | undefined;
  readonly env: { readonly [name: string]: string };
  readonly url?: string | undefined;
  readonly headers: { readonly [name: string]: string };
}

/** Documents that agents look things up in. */
export interface KnowledgeConfiguration {
  /** The folder that they stand in. */
  readonly files: string;
  readonly description: string;
}

export interface ModelPrice {
  readonly input: number;
  readonly cachedInput?: number | undefined;
  readonly output: number;
}

export interface Limits {
  /** Turns that run at the same time in this process. */
  readonly concurrentTurns: number;
  /** Times that a turn is begun before its message is set aside. */
  readonly turnTries: number;
  /** Attempts of one delivery, and the milliseconds after which it is given up. */
  readonly deliveryAttempts: number;
  readonly deliveryAgeMs: number;
  /** Days of age that dedupe keys are kept; 8 at least. */
  readonly dedupeDays: number;
  /** Bytes of one attachment that is fetched. */
  readonly fileBytes: number;
  /** What one sender may take on one account. Absent: no limit. */
  readonly sender?: SenderLimits | undefined;
  /** Answers in a row to what no person can have written so fast, before the conversation is paused. Absent or 0: any number. */
  readonly loopTurns?: number | undefined;
}

/** Each is absent where there is no limit. */
export interface SenderLimits {
  readonly perMinute?: number | undefined;
  /** As many as in a minute when absent. */
  readonly burst?: number | undefined;
  /** By the days of UTC. */
  readonly perDay?: number | undefined;
  /** What the sender is told; empty: nothing. */
  readonly notice?: string | undefined;
}

export interface HttpSettings {
  /** The address under which others reach the gateway, for webhooks and links; absent: none is known. */
  readonly publicUrl?: string;
  /** Host names it answers to, besides the one it is bound to and loopback names. */
  readonly hosts: readonly string[];
  /** Origins other than its own that may embed the web chat. */
  readonly origins: readonly string[];
  /** Hosts on private addresses that attachments and tools may fetch from. */
  readonly allowPrivate: readonly string[];
  /** Proxies whose X-Forwarded-* is believed (addresses or ranges). */
  readonly trustedProxies: readonly string[];
  /** Its own certificate; absent: it speaks plain HTTP. */
  readonly tls?: TlsSettings;
}

export interface TlsSettings {
  /** Paths of PEM files; the certificate with its chain. */
  readonly certificate: string;
  readonly key: string;
  /** Absent: nobody is sent from http to https. */
  readonly redirectPort?: number;
}
