import { type Command, InvalidArgumentError } from "commander";
import type { Delivery, DeliveryState } from "../../core/delivery.ts";
import type { DeliveryId } from "../../core/ids.ts";
import type { Json } from "../../core/terms.ts";
import type { CommandDoor } from "../door.ts";
import { actor, looking, tenant, working } from "../open.ts";
import { done, moment, type Outcome, refuse, table } from "../outcome.ts";
import type { Run } from "../run.ts";

const states = [
  "queued",
  "sending",
  "streaming",
  "unknown",
  "failed",
  "dead",
  "sent",
  "dropped",
] as const satisfies readonly DeliveryState[];
const open: readonly DeliveryState[] = ["queued", "sending", "streaming", "unknown", "failed", "dead"];

export function queueCommand(program: Command, run: Run): void {
  const queue = program.command("queue").description("deliveries that wait, and those that need a word from you");
  queue
    .command("list")
    .description("deliveries that aren't over, newest first")
    .option("--state <state...>", `only these: ${states.join(", ")}`, stateList)
    .option("--limit <number>", "at most so many", limit, 100)
    .action((options: { state?: DeliveryState[]; limit: number }) => run((door) => list(door, options)));
  for (const [verdict, what] of [
    ["retry", "send again what is unknown, failed or dead (an unknown one may then arrive twice)"],
    ["drop", "give up deliveries that are queued, unknown, failed or dead"],
  ] as const) {
    queue
      .command(verdict)
      .description(what)
      .argument("<id...>", "ids of deliveries")
      .action((ids: string[]) => run((door) => settle(door, ids, verdict)));
  }
}

async function list(door: CommandDoor, options: { state?: DeliveryState[]; limit: number }): Promise<Outcome> {
  return looking(door, async ({ store, fault }) => {
    if (fault) return refuse(fault.code, fault.message);
    const deliveries = (await store?.records.deliveries(tenant, { states: options.state ?? open, limit: options.limit })) ?? [];
    if (deliveries.length === 0) return done([], "Nothing waits.");
    const rows = deliveries.map((delivery) => [
      delivery.id,
      delivery.state,
      delivery.account,
      delivery.chat.id,
      `${delivery.attempts} tries`,
      moment(delivery.createdAt),
      delivery.error?.message ?? "",
    ]);
    return done(deliveries.map(brief), table(rows));
  });
}

async function settle(door: CommandDoor, ids: readonly string[], verdict: "retry" | "drop"): Promise<Outcome> {
  return working(door, async ({ store }) => {
    const settled = await store.settle(tenant, ids as readonly DeliveryId[], verdict, actor, door.clock.now());
    const left = ids.filter((id) => !settled.some((delivery) => delivery.id === id));
    const verb = verdict === "retry" ? "queued again" : "dropped";
    const lines = settled.map((delivery) => `${delivery.id}: ${verb}`);
    if (settled.length > 0 && verdict === "retry" && !(await door.gatewayRuns())) lines.push("No gateway runs now; the next one sends it.");
    const json: Json = { settled: settled.map(brief), left };
    if (left.length === 0) return done(json, lines.join("\n"));
    const hint = `\`polylogue queue list\` shows what can be ${verdict === "retry" ? "sent again: unknown, failed, dead" : "dropped: queued, unknown, failed, dead"}.`;
    return { exit: 1, json, text: [...lines, `polylogue: not ${verb}: ${left.join(", ")}`, `  → ${hint}`].join("\n") };
  });
}

function brief({ id, state, account, chat, trace, attempts, createdAt, dueAt, receipt, error }: Delivery): Json {
  return {
    id,
    state,
    account,
    chat: chat.id,
    trace,
    attempts,
    createdAt,
    dueAt,
    ...(receipt !== undefined && { receipt }),
    ...(error && { error: { ...error } }),
  };
}

function stateList(text: string, before: DeliveryState[] = []): DeliveryState[] {
  const known: readonly string[] = states;
  if (!known.includes(text)) throw new InvalidArgumentError(`It must be one of ${states.join(", ")}.`);
  return [...before, text as DeliveryState];
}

function limit(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("It must be a number from 1 to 9999.");
  return Number(text);
}
