/** What the gateway's web chat routes say; docs/channels/webchat.md. */
export interface ShownMessage {
  readonly id: string;
  readonly direction: "in" | "out";
  readonly author?: "agent" | "operator" | "system";
  readonly parts: readonly ShownPart[];
}

export type ShownPart =
  | { readonly type: "text"; readonly text: string; readonly markup: "plain" | "markdown" }
  | { readonly type: "buttons"; readonly rows: readonly (readonly Choice[])[] };

export interface Choice {
  readonly label: string;
  readonly token: string;
}

export interface Visit {
  readonly token: string;
  readonly title: string;
  readonly greeting?: string;
}

export interface History {
  readonly messages: readonly ShownMessage[];
  /** Where earlier ones begin, if there are any. */
  readonly before?: number;
}

/** Live events; of other types nothing is known, and they are left aside. */
export type ChatEvent =
  | { readonly type: "turn-start" | "turn-restart" }
  | { readonly type: "turn-text"; readonly delta: string }
  | { readonly type: "turn-tool"; readonly name: string; readonly state: "running" | "done" | "failed" }
  | { readonly type: "turn-end"; readonly state: "done" | "failed" | "cancelled" }
  | ({ readonly type: "message" } & ShownMessage)
  | { readonly type: "delivered" };
