import type { Command } from "commander";
import type { Conversation } from "../../core/conversation.ts";
import type { ConversationId } from "../../core/ids.ts";
import type { Operator } from "../../core/records.ts";
import type { Store } from "../../core/store.ts";
import type { Json } from "../../core/terms.ts";
import { escapeControls } from "../../ops/controls.ts";
import { type HandoversDoor, handBack, handoverSettings } from "../../ops/handovers.ts";
import type { CommandDoor } from "../door.ts";
import { actor, looking, type OpenedStore, tenant, working } from "../open.ts";
import { done, moment, type Outcome, refuse, refused, table } from "../outcome.ts";
import type { Run } from "../run.ts";

export function conversationsCommand(program: Command, run: Run): void {
  const conversations = program.command("conversations").description("conversations that people speak in, in place of an agent");
  const id = ["<id>", "the conversation (cv_…)"] as const;
  conversations
    .command("waiting")
    .description("those that wait for a person, the longest first")
    .action(() => run(waiting));
  conversations
    .command("take")
    .description("take a conversation over: its agent is stopped within a second")
    .argument(...id)
    .requiredOption("--as <operator>", "who has it then")
    .option("--from <operator>", "who has it now, to take it from them")
    .action((of: string, options: TakeOptions) => run((door) => takeOver(door, of, options)));
  conversations
    .command("assign")
    .description("give a conversation to another operator, or to nobody: then it waits again")
    .argument(...id)
    .argument("<operator>", "a name, or `nobody`")
    .action((of: string, to: string) => run((door) => assign(door, of, to)));
  conversations
    .command("return")
    .description("hand a conversation back to its agent")
    .argument(...id)
    .option("--note <text>", "what the agent is told of it")
    .action((of: string, { note }: { note?: string }) => run((door) => giveBack(door, of, note)));
}

interface TakeOptions {
  readonly as: string;
  readonly from?: string;
}

const most = 100;

async function waiting(door: CommandDoor): Promise<Outcome> {
  return looking(door, async ({ store, fault }) => {
    if (fault) return refuse(fault.code, fault.message);
    const found = (await store?.records.waitingHandovers(tenant, most)) ?? [];
    if (found.length === 0) return done([], "Nobody waits for a person.");
    const rows = found.map(({ conversation, assignedAt, reason }) => [conversation, moment(assignedAt), escapeControls(reason ?? "")]);
    const json = found.map(({ conversation, since, by, reason, summary, assignedAt }) => ({
      ...{ conversation, since, by, waitsSince: assignedAt },
      ...(reason !== undefined && { reason }),
      ...(summary !== undefined && { summary }),
    }));
    return done(json as unknown as Json, table(rows));
  });
}

function takeOver(door: CommandDoor, id: string, options: TakeOptions): Promise<Outcome> {
  return working(door, async (opened) => {
    const { records } = opened.store;
    const found = await records.conversation(tenant, id);
    if (!found) return unknown(id);
    const [operator, from] = await Promise.all([
      named(opened.store, options.as),
      options.from ? named(opened.store, options.from) : undefined,
    ]);
    if (!operator) return noOperator(options.as);
    if (options.from && !from) return noOperator(options.from);
    const { returnAfterMs } = await handoverSettings(handoversDoor(door, opened), found);
    const takeover = { operator: operator.id, from: from?.id, returnAfterMs };
    const taken = await records.takeOver(tenant, found.id, takeover, actor, door.clock.now());
    if (taken.ok) return done(shown(taken.value), `${operator.name} has ${id}; the agent is silent.`);
    const has = (await records.operators(tenant)).find((one) => one.id === found.handover?.assignee)?.name;
    return refused(taken.fault, has && `${has} has it: add \`--from ${has}\` to take it.`);
  });
}

function assign(door: CommandDoor, id: string, to: string): Promise<Outcome> {
  return working(door, async ({ store }) => {
    const found = await store.records.conversation(tenant, id);
    if (!found) return unknown(id);
    const operator = to === "nobody" ? undefined : await named(store, to);
    if (to !== "nobody" && !operator) return noOperator(to);
    const of = { to: operator?.id, from: found.handover?.assignee };
    const assigned = await store.records.assign(tenant, found.id, of, actor, door.clock.now());
    if (!assigned.ok) return refused(assigned.fault, "`polylogue conversations take` takes a conversation over from its agent.");
    return done(shown(assigned.value), operator ? `${operator.name} has ${id}.` : `${id} waits for somebody.`);
  });
}

function giveBack(door: CommandDoor, id: string, note: string | undefined): Promise<Outcome> {
  return working(door, async (opened) => {
    const found = await opened.store.records.conversation(tenant, id as ConversationId);
    if (!found) return unknown(id);
    const now = await handBack(handoversDoor(door, opened), found, found.controlVersion, actor, { note });
    return now ? done(shown(now), `The agent answers in ${id} again.`) : refuse("version-conflict", "Somebody changed it at this moment.");
  });
}

/** Windows are told by the gateway that runs: it sees that something changed. */
function handoversDoor({ clock, log, render }: CommandDoor, { store, loaded: { configuration } }: OpenedStore): HandoversDoor {
  return {
    ...{ records: store.records, clock, log, configuration: () => configuration, wake: () => {} },
    live: { publish: () => {}, subscribe: () => () => {} },
    render: (message) => render(store, configuration, message),
  };
}

async function named({ records }: Store, name: string): Promise<Operator | undefined> {
  return (await records.operators(tenant)).find((one) => one.name === name || one.id === name);
}

function shown({ id, control, controlVersion, handover }: Conversation): Json {
  return { id, control, controlVersion, ...(handover && { handover: { ...handover } as unknown as Json }) };
}

function unknown(id: string): Outcome {
  return refuse(
    "not-found",
    `There is no conversation ${id}.`,
    "`polylogue conversations waiting` shows those that wait; the web app shows all.",
  );
}

function noOperator(name: string): Outcome {
  return refuse("not-found", `There is no operator ${name}.`, "The names are those with which operators sign in.");
}
