import { type Command, InvalidArgumentError } from "commander";
import type { AccountId, ConversationId } from "../../core/ids.ts";
import { readQuery, type SearchFilter, type SearchHit } from "../../core/search.ts";
import type { Instant, Json } from "../../core/terms.ts";
import { escapeControls } from "../../ops/controls.ts";
import type { CommandDoor } from "../door.ts";
import { looking, tenant } from "../open.ts";
import { done, moment, type Outcome, refuse, table } from "../outcome.ts";
import type { Run } from "../run.ts";

interface Options {
  readonly account?: string;
  readonly conversation?: string;
  readonly sender?: string;
  readonly direction?: "in" | "out";
  readonly from?: Instant;
  readonly to?: Instant;
  readonly limit: number;
}

export function searchCommand(program: Command, run: Run): void {
  program
    .command("search")
    .description('what was said, newest first: words (also by their beginning), "phrases", -without')
    .argument("[query...]", "what to look for")
    .option("--sender <name>", "words of the sender's name, handle or id")
    .option("--account <name>", "only on this account")
    .option("--conversation <id>", "only in this conversation (cv_…)")
    .option("--direction <in|out>", "only what came in, or went out", direction)
    .option("--from <time>", "not before: 2026-11-26 or 2026-11-26T09:30Z", instant)
    .option("--to <time>", "not after", instant)
    .option("--limit <number>", "at most so many", limit, 50)
    .action((words: string[], options: Options) => run((door) => search(door, words.join(" "), options)));
}

async function search(
  door: CommandDoor,
  text: string,
  { sender, account, conversation, direction, from, to, limit }: Options,
): Promise<Outcome> {
  const query = readQuery(text);
  const name = sender === undefined ? undefined : readQuery(sender);
  if ((!query && text.trim() !== "") || (!query && !name))
    return refuse("usage", "There is nothing to look for.", "Give a word, or --sender.");
  const filter: SearchFilter = {
    ...(query && { query }),
    ...(name && { sender: name }),
    ...(account !== undefined && { account: account as AccountId }),
    ...(conversation !== undefined && { conversation: conversation as ConversationId }),
    ...(direction && { direction }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    limit,
  };
  return looking(door, async ({ store, fault }) => {
    if (fault) return refuse(fault.code, fault.message);
    const { hits, behind } = (await store?.records.search(tenant, filter)) ?? { hits: [], behind: false };
    const note = behind ? "\n\nNot all that is stored can be found yet: the running gateway still reads it." : "";
    if (hits.length === 0) return done({ hits: [], behind }, `Nothing was found.${note}`);
    const rows = hits.map((hit) => [moment(hit.at), hit.account, hit.direction, who(hit), escapeControls(hit.snippet.text), hit.trace]);
    return done({ hits: hits.map(hitJson), behind }, `${table(rows)}${note}`);
  });
}

function who({ sender, author }: SearchHit): string {
  return escapeControls(sender ? (sender.name ?? sender.handle ?? sender.id) : (author ?? ""));
}

function hitJson({ message, trace, conversation, account, channel, chat, direction, at, snippet, ...hit }: SearchHit): Json {
  const { text, marks } = snippet;
  return {
    ...{ message, trace, conversation, account, channel, chat: chat.id, direction, who: who({ ...hit } as SearchHit), at, snippet: text },
    marks: marks.map(({ from, to }) => ({ from, to })),
  };
}

function direction(text: string): "in" | "out" {
  if (text !== "in" && text !== "out") throw new InvalidArgumentError("It is `in` or `out`.");
  return text;
}

function instant(text: string): Instant {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new InvalidArgumentError("A time looks like 2026-11-26 or 2026-11-26T09:30Z.");
  return at;
}

function limit(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 200) throw new InvalidArgumentError("It is a number from 1 to 200.");
  return number;
}
