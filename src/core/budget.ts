import type { AccountId, AgentId, ConversationId, TenantId } from "./ids.ts";
import type { NanoUsd } from "./money.ts";
import type { Instant } from "./terms.ts";

/** Whose spending is counted together. A sender is one on one account. */
export const budgetScopes = ["tenant", "agent", "account", "conversation", "sender"] as const;
export type BudgetScope = (typeof budgetScopes)[number];

export const budgetWindows = ["day", "month"] as const;
export type BudgetWindow = (typeof budgetWindows)[number];

/**
 * What becomes of a message when the budget is used up.
 *
 * - `stop`: it ends; its sender is told.
 * - `downgrade`: it is answered by the budget's `models`. What they cost is counted, and not stopped by this budget.
 * - `wait`: it stays queued, is answered when the window ends or the budget is raised; its sender is told once a day.
 * - `ask`: the same, and operators are asked (a finding that is an error).
 */
export const budgetPolicies = ["stop", "downgrade", "wait", "ask"] as const;
export type BudgetPolicy = (typeof budgetPolicies)[number];

/** What may be spent in a window on whatever it counts together. */
export interface Budget {
  /** The key under `budgets` in the configuration. */
  readonly id: string;
  readonly per: BudgetScope;
  /** By the calendar of UTC. */
  readonly every: BudgetWindow;
  /** Only what this agent, account or channel spends. Absent: all. */
  readonly agent?: AgentId | undefined;
  readonly account?: AccountId | undefined;
  readonly channel?: string | undefined;
  /** Input and output. Absent: no limit. */
  readonly tokens?: number | undefined;
  readonly amount?: NanoUsd | undefined;
  readonly atLimit: BudgetPolicy;
  /** `provider/model`, for `downgrade`. */
  readonly models: readonly string[];
  /** What the sender is told. Absent: a sentence of ours. */
  readonly say?: string | undefined;
}

/** In whose name something is spent. What is absent isn't counted by a budget of that scope. */
export interface Spender {
  readonly tenant: TenantId;
  readonly channel: string;
  readonly agent?: AgentId | undefined;
  readonly account?: AccountId | undefined;
  readonly conversation?: ConversationId | undefined;
  /** The platform's id. */
  readonly sender?: string | undefined;
}

/**
 * A call's share of one budget: reserved in the transaction that stores the call's intent, turned into what it came to in
 * the one that stores its end.
 */
export interface Hold {
  readonly budget: string;
  /** Who of those that the budget counts apart. */
  readonly key: string;
  /** `2026-11-26` or `2026-11`. */
  readonly window: string;
  /** What the call may come to at most, as far as anybody can tell before. */
  readonly tokens: number;
  readonly amount: NanoUsd;
  /** No further call begins once spent and reserved reach this. Absent: no limit. */
  readonly tokenLimit?: number | undefined;
  readonly amountLimit?: NanoUsd | undefined;
}

/** One window of one budget, as it stands. */
export interface BudgetState {
  readonly budget: string;
  readonly key: string;
  readonly window: string;
  readonly tokens: number;
  readonly amount: NanoUsd;
  readonly reservedTokens: number;
  readonly reservedAmount: NanoUsd;
  /** What an operator allowed in addition, in this window. */
  readonly extraTokens: number;
  readonly extraAmount: NanoUsd;
}

export interface BudgetRaise extends Pick<Hold, "budget" | "key" | "window"> {
  readonly tokens: number;
  readonly amount: NanoUsd;
}

export function windowOf(every: BudgetWindow, at: Instant): string {
  return new Date(at).toISOString().slice(0, every === "day" ? 10 : 7);
}

/** When the window of that instant ends. */
export function windowEnd(every: BudgetWindow, at: Instant): Instant {
  const date = new Date(at);
  return every === "day"
    ? Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 1)
    : Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

/** Whether the budget counts what this one spends, and under which key. */
export function budgetKey(budget: Budget, of: Spender): string | undefined {
  if (budget.agent !== undefined && budget.agent !== of.agent) return undefined;
  if (budget.account !== undefined && budget.account !== of.account) return undefined;
  if (budget.channel !== undefined && budget.channel !== of.channel) return undefined;
  switch (budget.per) {
    case "tenant":
      return "";
    case "agent":
      return of.agent;
    case "account":
      return of.account;
    case "conversation":
      return of.conversation;
    case "sender":
      return of.sender === undefined ? undefined : `${of.account ?? of.channel}/${of.sender}`;
  }
}

/** The holds of one call on all budgets that count it. */
export function holdsOf(
  budgets: readonly Budget[],
  of: Spender,
  estimate: { readonly tokens: number; readonly amount: NanoUsd },
  at: Instant,
): readonly Hold[] {
  return budgets.flatMap((budget) => {
    const key = budgetKey(budget, of);
    if (key === undefined) return [];
    return [
      { budget: budget.id, key, window: windowOf(budget.every, at), ...estimate, tokenLimit: budget.tokens, amountLimit: budget.amount },
    ];
  });
}
