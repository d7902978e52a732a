import { readFile } from "node:fs/promises";
import { z } from "zod";
import { loadConfiguration } from "../../config/load.ts";
import type { Configuration } from "../../core/configuration.ts";
import { callPurposes } from "../../core/cost.ts";
import { dollars, showUsd } from "../../core/money.ts";
import type { Json } from "../../core/terms.ts";
import type { LoggedCall } from "../../core/usage.ts";
import { mostCalls, type Replayed, readLog, replay, withoutScale } from "../../ops/replay.ts";
import type { CommandDoor } from "../door.ts";
import { type OpenedStore, tenant } from "../open.ts";
import { done, moment, type Needed, type Outcome, refuse, table, without } from "../outcome.ts";

export interface ReplayOptions {
  readonly log?: string;
  readonly policy?: string;
}

/** What the calls on record would have come to: as they were, without `scale`, and as it is configured. */
export async function replayCosts(
  door: CommandDoor,
  { store, loaded, sources }: OpenedStore,
  days: { readonly from: string; readonly to: string },
  options: ReplayOptions,
): Promise<Outcome> {
  const read =
    options.log === undefined ? { ok: true as const, value: await readLog(store.records, tenant, days) } : await readFileLog(options.log);
  if (!read.ok) return read.outcome;
  const log = read.value;
  if (log.length === 0) return done({ calls: 0 }, "There are no calls to replay.");
  const policy = options.policy === undefined ? loaded.configuration : await policyIn(options.policy, sources);
  if (!policy) return refuse("not-found", `${options.policy} can't be read.`, "Name a configuration file.");
  const prices = await door.prices(policy);
  const plain = await replay(log, withoutScale(policy), { prices, tenant });
  const scaled = await replay(log, policy, { prices, tenant });
  const saved = plain.amount > 0 ? 1 - scaled.amount / plain.amount : 0;
  const rows = [row("without `scale`", plain), row("with it", scaled)];
  const rules = scaled.rules.map(
    ({ agent, rule, turns }) => `  ${agent}, rule ${rule + 1}: ${turns} turns (${percent(turns / scaled.turns)})`,
  );
  const lines = [
    `${log.length} calls of ${scaled.turns} turns, ${moment(log[0]?.at ?? 0)} to ${moment(log.at(-1)?.at ?? 0)}`,
    table([["", "cost", "answered", "refused", "kept", "downgraded", "first held back", "models"], ...rows]),
    `${percent(saved)} saved.`,
    ...(rules.length > 0 ? ["Rules that held:", ...rules] : []),
    ...(log.length === mostCalls ? [`Only the first ${mostCalls} calls were taken.`] : []),
  ];
  return done({ calls: log.length, without: jsonOf(plain), with: jsonOf(scaled), saved }, lines.join("\n"));
}

function row(name: string, { amount, unpriced, turns, refused, kept, downgraded, firstHeld, models }: Replayed): readonly string[] {
  const share = models.map(({ model, turns: of }) => `${model} ${percent(of / Math.max(1, turns))}`).join(", ");
  const cost = unpriced > 0 ? `${showUsd(amount)} + ${unpriced} unpriced` : showUsd(amount);
  const held = firstHeld === undefined ? "–" : moment(firstHeld);
  return [name, cost, String(turns - refused - kept), String(refused), String(kept), String(downgraded), held, share];
}

function jsonOf({ amount, models, rules, ...rest }: Replayed): Json {
  return {
    ...rest,
    usd: dollars(amount),
    models: models.map(({ model, turns, amount }) => ({ model, turns, usd: dollars(amount) })),
    rules: rules.map((rule) => ({ ...rule })),
  };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

async function policyIn(name: string, sources: OpenedStore["sources"]): Promise<Configuration | undefined> {
  const text = await readFile(name, "utf8").catch(() => undefined);
  return text === undefined ? undefined : (await loadConfiguration({ ...sources, file: { name, text } })).configuration;
}

const tokens = z.int().min(0).max(1e12);
const line = z.strictObject({
  turn: z.string().optional(),
  at: z.union([z.number(), z.iso.datetime({ offset: true }).transform(Date.parse)]),
  ms: z.number().min(0).default(0),
  purpose: z.enum(callPurposes).default("answer"),
  provider: z.string().min(1),
  model: z.string().min(1),
  agent: z.string().default("main"),
  channel: z.string().default("log"),
  account: z.string().default("log"),
  conversation: z.string().optional(),
  sender: z.string().optional(),
  input: tokens,
  cachedInput: tokens.default(0),
  output: tokens,
});

async function readFileLog(file: string): Promise<Needed<readonly LoggedCall[]>> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return without(refuse("not-found", `${file} can't be read.`, "Name a file with one call a line, as JSON."));
  const calls: LoggedCall[] = [];
  for (const [index, written] of text.split("\n").entries()) {
    if (written.trim() === "") continue;
    const read = line.safeParse(parsed(written));
    if (!read.success) {
      const [issue] = read.error.issues;
      return without(refuse("usage", `${file}, line ${index + 1}: ${issue?.path.join(".") || "it"}: ${issue?.message}`));
    }
    calls.push(read.data as LoggedCall);
    if (calls.length === mostCalls) break;
  }
  return { ok: true, value: calls };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
