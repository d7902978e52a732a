import type { Json } from "./world.ts";

/** What a call came to: a result, or a refusal in the Bot API's words. */
export type Outcome = Done | Refusal;

export interface Done {
  readonly result: unknown;
  /** What changed for people; absent when nothing did. */
  readonly effect?: { readonly chat?: number; readonly message?: number; readonly text?: string };
}

export interface Refusal {
  readonly status: number;
  readonly description: string;
  readonly parameters?: Json;
}

export type Values = Readonly<Record<string, unknown>>;

export const bad = (why: string): Refusal => ({ status: 400, description: `Bad Request: ${why}` });
