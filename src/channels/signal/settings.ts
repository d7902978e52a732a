import { z } from "zod";
import type { Account } from "../../core/channel.ts";

export interface Settings {
  readonly account: string;
  readonly api: "json-rpc" | "rest";
  readonly receive: "events" | "poll";
  readonly url: string;
}

export type SignalAccount = Account<Settings>;

export const settings: z.ZodType<Settings> = z.strictObject({
  account: z
    .string()
    .regex(/^(\+\d{5,15}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/, "must be a number like +15550001111, or an ACI")
    .describe("The number that signal-cli is registered with or linked to, +15550001111; an account without one: its ACI."),
  api: z
    .enum(["json-rpc", "rest"])
    .default("json-rpc")
    .describe("json-rpc: signal-cli's own daemon, by HTTP. rest: bbernhard/signal-cli-rest-api."),
  receive: z
    .enum(["events", "poll"])
    .default("events")
    .describe(
      "events: messages are pushed. poll: they are asked for, and wait at Signal while nobody asks; the page says what each may lose.",
    ),
  url: z
    .url({ protocol: /^https?$/ })
    .default("http://127.0.0.1:8080")
    .describe("Where it listens. It asks nobody who they are: keep it on this machine."),
});

/** A direct chat's id is the person's, a group's is in base64. */
export function isPerson(id: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
}
