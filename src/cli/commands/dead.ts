import { type Command, InvalidArgumentError } from "commander";
import { type DeadFilter, type DeadLetter, type DeadState, type DeadVerdict, deadStates, settleAllDead } from "../../core/dead.ts";
import type { AccountId } from "../../core/ids.ts";
import type { LedgerEntry } from "../../core/ledger.ts";
import type { Json } from "../../core/terms.ts";
import { escapeControls } from "../../ops/controls.ts";
import type { CommandDoor } from "../door.ts";
import { actor, looking, tenant, working } from "../open.ts";
import { done, moment, type Outcome, refuse, table } from "../outcome.ts";
import type { Run } from "../run.ts";

interface FilterOptions {
  readonly state?: readonly DeadState[];
  readonly account?: string;
  readonly code?: string;
}

const which = `only these: ${deadStates.join(", ")}`;

export function deadCommand(program: Command, run: Run): void {
  const dead = program.command("dead").description("what was given up: deliveries that didn't arrive, messages that were set aside");
  filtered(dead.command("list").description("all of it, the last given up first"))
    .option("--limit <number>", "at most so many", limit, 100)
    .action((options: FilterOptions & { limit: number }) => run((door) => list(door, options)));
  dead
    .command("show")
    .description("one with its cause and everything that was tried")
    .argument("<id>", "id of a delivery, or of an event that was set aside")
    .action((id: string) => run((door) => show(door, id)));
  for (const [verdict, what] of [
    ["retry", "queue it again, in its old place; --all leaves out `unknown`, which may arrive twice, unless --state names it"],
    ["discard", "take it away for good; it stays in its trace"],
  ] as const) {
    filtered(dead.command(verdict).description(what).argument("[id...]", "ids as `dead list` shows them"))
      .option("--all", "everything that --state, --account and --code leave")
      .action((ids: string[], options: FilterOptions & { all?: true }) => run((door) => settle(door, verdict, ids, options)));
  }
}

function filtered(command: Command): Command {
  return command
    .option("--state <state...>", which, stateList)
    .option("--account <name>", "only of this account")
    .option("--code <code>", "only with this error code");
}

async function list(door: CommandDoor, options: FilterOptions & { limit: number }): Promise<Outcome> {
  return looking(door, async ({ store, fault }) => {
    if (fault) return refuse(fault.code, fault.message);
    const letters = (await store?.records.deadLetters(tenant, { ...filterOf(options), limit: options.limit })) ?? [];
    if (letters.length === 0) return done([], "Nothing was given up.");
    const rows = letters.map(({ id, state, account, chat, attempts, at, error }) => [
      ...[id, state, account, chat.id, `${attempts} tries`, moment(at), error.code],
      escapeControls(error.message),
    ]);
    return done(letters.map(letterJson), table(rows));
  });
}

async function show(door: CommandDoor, id: string): Promise<Outcome> {
  return looking(door, async ({ store, fault }) => {
    if (fault) return refuse(fault.code, fault.message);
    const letter = await store?.records.deadLetter(tenant, id);
    if (!letter) return refuse("not-found", `Nothing that was given up has the id ${id}.`, "`polylogue dead list` shows what there is.");
    const all = (await store?.records.trace(tenant, letter.trace))?.entries ?? [];
    const entries = all.filter(({ trace, detail }) => trace === letter.id || detail?.delivery === letter.id);
    const { state, account, chat, conversation, attempts, createdAt, at, preview, error, trace } = letter;
    const head = table([
      ["state", state],
      ["cause", escapeControls(`${error.code}: ${error.message}`)],
      ["account", account],
      ["chat", `${chat.id} (${conversation})`],
      ["tries", String(attempts)],
      ["since", `${moment(at)}, made ${moment(createdAt)}`],
      ["says", escapeControls(preview)],
      ["trace", `polylogue trace ${trace}`],
    ]);
    const json: Json = { letter: letterJson(letter), entries: entries.map(entryJson) };
    return done(json, `${letter.id}\n\n${head}\n\n${table(entries.map(line))}`);
  });
}

async function settle(
  door: CommandDoor,
  verdict: DeadVerdict,
  ids: readonly string[],
  options: FilterOptions & { all?: true },
): Promise<Outcome> {
  const narrowed = options.state ?? options.account ?? options.code;
  if (options.all ? ids.length > 0 : ids.length === 0 || narrowed !== undefined)
    return refuse(
      "usage",
      "Which ones?",
      `Give ids, or --all, which --state, --account and --code narrow: \`polylogue dead ${verdict} --all\`.`,
    );
  return working(door, async ({ store }) => {
    const verb = verdict === "retry" ? "queued again" : "discarded";
    const at = door.clock.now();
    if (options.all) {
      const settled = await settleAllDead(store, { tenant, by: actor, at }, filterOf(options), verdict);
      return done({ settled }, `${settled} ${verb}`);
    }
    const settled = await store.settleDead(tenant, { ids }, verdict, actor, at);
    const left = ids.filter((id) => !settled.some((done) => done === id));
    const lines = settled.map((id) => `${id}: ${verb}`);
    const json: Json = { settled: [...settled], left };
    if (settled.length > 0 && verdict === "retry" && !(await door.gatewayRuns()))
      lines.push("No gateway runs now; the next one takes it up.");
    if (left.length === 0) return done(json, lines.join("\n"));
    const hint = "`polylogue dead list` shows what there is.";
    return { exit: 1, json, text: [...lines, `polylogue: not ${verb}: ${left.join(", ")}`, `  → ${hint}`].join("\n") };
  });
}

function filterOf({ state, account, code }: FilterOptions): DeadFilter {
  return {
    ...(state && { states: state }),
    ...(account !== undefined && { account: account as AccountId }),
    ...(code !== undefined && { code }),
  };
}

function letterJson(letter: DeadLetter): { [key: string]: Json } {
  const { id, state, trace, account, conversation, chat, attempts, createdAt, at, preview, error } = letter;
  return { id, state, trace, account, conversation, chat: chat.id, attempts, createdAt, at, preview, error: { ...error } };
}

function entryJson({ stage, at, reason, detail }: LedgerEntry): Json {
  return { stage, at, ...(reason !== undefined && { reason }), ...(detail && { detail: { ...detail } }) };
}

function line({ stage, at, reason, detail }: LedgerEntry): string[] {
  return [moment(at), stage, reason ?? "", typeof detail?.message === "string" ? detail.message : ""];
}

function stateList(text: string, before: DeadState[] = []): DeadState[] {
  if (!(deadStates as readonly string[]).includes(text)) throw new InvalidArgumentError(`It must be one of ${deadStates.join(", ")}.`);
  return [...before, text as DeadState];
}

function limit(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("It must be a number from 1 to 9999.");
  return Number(text);
}
