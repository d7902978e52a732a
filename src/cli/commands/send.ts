import type { Command } from "commander";
import type { Loaded } from "../../config/load.ts";
import { isTree } from "../../config/tree.ts";
import type { AccountConfiguration, Configuration } from "../../core/configuration.ts";
import { ok } from "../../core/errors.ts";
import type { AccountId, ConversationId } from "../../core/ids.ts";
import { type Part, textPart } from "../../core/message.ts";
import type { Template } from "../../core/template.ts";
import type { CommandDoor } from "../door.ts";
import { actor, tenant, working } from "../open.ts";
import { done, type Needed, type Outcome, refuse, refused, without } from "../outcome.ts";
import type { Run } from "../run.ts";

const maxBytes = 2 ** 20;

interface SendOptions {
  readonly account?: string;
  readonly chat?: string;
  readonly thread?: string;
  readonly conversation?: string;
  readonly plain?: boolean;
  readonly template?: string;
  readonly language?: string;
  readonly parameter: readonly string[];
}

export function sendCommand(program: Command, run: Run): void {
  program
    .command("send")
    .description("send a message as an operator; it is stored first, then the gateway delivers it")
    .argument("[text...]", "Markdown; read from standard input if absent")
    .option("--account <name>", "account to send from")
    .option("--chat <id>", "the platform's id of the chat")
    .option("--thread <id>", "the platform's id of the thread in it")
    .option("--conversation <id>", "a known conversation (cv_…), instead of account and chat")
    .option("--plain", "the text is no Markdown")
    .option("--template <name>", "send a template that the platform approved, instead of a text")
    .option("--language <code>", "the template's language, as the platform writes it")
    .option("--parameter <text>", "what stands in the template's next place, or as name=text; again for more", more, [])
    .action((words: string[], options: SendOptions) => run((door) => send(door, words, options)));
}

async function send(door: CommandDoor, words: readonly string[], options: SendOptions): Promise<Outcome> {
  const { account, chat, thread, conversation } = options;
  if (conversation ? account || chat || thread : !account || !chat)
    return refuse("usage", "Say where to: --account and --chat, or --conversation.", "Run `polylogue send --help`.");
  const part = options.template === undefined ? await writtenPart(door, words, options) : templatePart(words, options);
  if (!part.ok) return part.outcome;
  return working(door, async ({ store, loaded }) => {
    const to = conversation
      ? { conversation: conversation as ConversationId }
      : { account: account as AccountId, chat: chat as string, ...(thread && { thread }) };
    const queued = await door.enqueue(store, withUnresolved(loaded), { tenant, to, parts: [part.value], by: actor });
    if (!queued.ok && queued.fault.code === "account-unknown")
      return refused(queued.fault, "`polylogue channels list` shows the accounts; `polylogue doctor` says why one is left out.");
    if (!queued.ok) return refused(queued.fault);
    const runs = await door.gatewayRuns();
    const { message, deliveries } = queued.value;
    const next = runs ? "The gateway delivers it now" : "No gateway runs now; it is delivered when one starts";
    return done(
      { message, deliveries: [...deliveries], gateway: runs ? "running" : "stopped" },
      `Stored as ${message} (${deliveries.join(", ")}). ${next}: \`polylogue trace ${message}\`.`,
    );
  });
}

function templatePart(words: readonly string[], { template = "", language, parameter }: SendOptions): Needed<Part> {
  if (words.length > 0) return without(refuse("usage", "A template goes instead of a text.", "Fill its places with --parameter."));
  const pairs = parameter.map((one, index) => /^([A-Za-z]\w{0,99})=(.*)$/s.exec(one)?.slice(1) ?? [String(index + 1), one]);
  return ok({
    type: "template",
    name: template,
    ...(language && { language }),
    parameters: Object.fromEntries(pairs) as Template["parameters"],
  });
}

async function writtenPart(
  door: CommandDoor,
  words: readonly string[],
  { plain, language, parameter }: SendOptions,
): Promise<Needed<Part>> {
  if (language || parameter.length > 0) return without(refuse("usage", "--language and --parameter go with --template."));
  const text = words.length > 0 ? words.join(" ") : await typed(door);
  if (text === undefined)
    return without(refuse("request-invalid", `The text is longer than ${maxBytes} bytes.`, "Send less, or several messages."));
  if (text.trim() === "")
    return without(refuse("usage", "There is no text to send.", "Write it after the options, or into standard input."));
  return ok(textPart(text, plain ? "plain" : "markdown"));
}

function more(one: string, before: readonly string[]): readonly string[] {
  return [...before, one];
}

/**
 * With the accounts that are left out here only because a secret can't be resolved: the gateway's environment may well
 * have it where this shell has not, and to store a message no secret is needed.
 */
export function withUnresolved({ configuration, explained }: Loaded): Configuration {
  const accounts = new Map(configuration.accounts);
  for (const { code, subject } of configuration.findings) {
    const name = /^accounts\.([^.]+)\./.exec(subject)?.[1];
    const written = code === "secret-missing" && name !== undefined && explained.get(`accounts.${name}`);
    if (!written || !isTree(written) || typeof written.channel !== "string") continue;
    const id = name as AccountId;
    if (!accounts.has(id)) accounts.set(id, unresolved(id, written.channel, written.onUnknown === "resend" ? "resend" : "hold"));
  }
  return { ...configuration, accounts };
}

function unresolved(id: AccountId, channel: string, onUnknown: AccountConfiguration["onUnknown"]): AccountConfiguration {
  const access = { direct: "off", group: "off", allow: [], groups: [], mention: true } as const;
  return { id, channel, settings: {}, access, onUnknown, streaming: "off" };
}

async function typed({ terminal }: CommandDoor): Promise<string | undefined> {
  return terminal.interactive ? ((await terminal.ask("Text: ")) ?? "") : (await terminal.readAll(maxBytes))?.replace(/\r?\n$/, "");
}
