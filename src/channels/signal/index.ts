import { defineChannel, type Inbox, type Outbound } from "../../core/channel.ts";
import { sleep } from "../../core/clock.ts";
import { outcomeOfFault, type SendOutcome } from "../../core/delivery.ts";
import { type Fault, fault, ok, type Result } from "../../core/errors.ts";
import { handOver } from "../../core/hand-over.ts";
import type { FilePart } from "../../core/message.ts";
import { outgoingFile } from "../../core/outgoing-file.ts";
import { fieldsOf, outcomeOf } from "../../core/platform-call.ts";
import type { Json } from "../../core/terms.ts";
import { signal as dialect, readStyles } from "../../dialects/signal.ts";
import type { Arrived, Daemon } from "./daemon.ts";
import { decode, readPlatformId } from "./decode.ts";
import { german } from "./german.ts";
import { guide, pictures } from "./guide.ts";
import { rest } from "./rest.ts";
import { rpc } from "./rpc.ts";
import { type Settings, type SignalAccount, settings } from "./settings.ts";

/** Bytes of one file; Signal itself takes 100 MB, but here it travels as base64. */
const maxFile = 20_000_000;

/** Signal through signal-cli (https://github.com/AsamK/signal-cli), which is a device of its own: Signal has no API for programs. */
export default defineChannel<Settings>({
  kind: "signal",
  name: "Signal",
  summary: "A Signal account through signal-cli, by its JSON-RPC daemon or the REST wrapper: direct chats and groups.",
  settings,
  dialect,
  limits: {
    // Behind 2,000 Signal makes a text file of the rest: https://github.com/AsamK/signal-cli, MAX_MESSAGE_SIZE_BYTES.
    text: { max: 2_000, unit: "byte", counts: "visible" },
    caption: { max: 2_000, unit: "byte", counts: "visible" },
    // Signal publishes no figures; what it asks to wait is kept.
    rate: { account: 1, conversation: 1 },
    file: { inbound: maxFile, outbound: maxFile },
    album: { count: 10, kinds: [["image", "video", "file", "audio", "voice"]] },
    // As Signal's own apps do (TypingStatusSender.java): renewed after 10 seconds, forgotten after 15.
    typingEvery: 10_000,
  },
  idempotent: false,
  guide,
  pictures,
  translations: { de: german },

  async probe(account, signal) {
    const checked = await daemonOf(account).check(account, signal);
    return checked.ok ? ok({ id: account.settings.account, name: account.settings.account }) : checked;
  },

  listen,
  send,

  async react(account, { chat, platformId, reaction }, signal) {
    const target = readPlatformId(platformId, account.settings.account);
    if (!target) return fault("channel-permanent", "there is no such message in Signal");
    // Whichever emoji it was: one has one reaction.
    const task = { do: "react", chat, target, emoji: reaction ?? "👍", remove: reaction === undefined } as const;
    const done = await daemonOf(account).perform(account, task, signal);
    return done.ok ? undefined : done.fault.fault;
  },

  async delete(account, { chat, receipt }, signal) {
    const done = await daemonOf(account).perform(account, { do: "remove", chat, timestamp: Number(receipt) }, signal);
    return done.ok ? undefined : done.fault.fault;
  },

  async typing(account, chat, signal) {
    await daemonOf(account).perform(account, { do: "type", chat }, signal);
  },

  async fetchFile(account, ref, signal) {
    const [id = "", chat = ""] = ref.split(" ");
    return daemonOf(account).attachment(account, chat, id, signal);
  },
});

/** Milliseconds between two questions, where the daemon itself doesn't wait for messages. */
const pollEveryMs = 1_000;

function daemonOf({ settings }: SignalAccount): Daemon {
  return settings.api === "rest" ? rest : rpc;
}

/** signal-cli has told Signal that a message arrived before it hands it over: docs/channels/signal.md says what may be lost then. */
async function listen(account: SignalAccount, inbox: Inbox, signal: AbortSignal): Promise<Fault | undefined> {
  const before = await store(account, inbox, []);
  if (before) return before;
  const events = account.settings.receive === "poll" ? polled(account, signal) : daemonOf(account).events(account, inbox.cursor, signal);
  try {
    for (;;) {
      const next = await events.next();
      if (next.done) return signal.aborted ? undefined : next.value;
      const failed = await store(account, inbox, next.value.items, next.value.cursor);
      if (failed) return failed;
      if (signal.aborted) return undefined;
    }
  } finally {
    await events.return(fault("aborted", "nobody listens any more"));
  }
}

async function* polled(account: SignalAccount, signal: AbortSignal): AsyncGenerator<Arrived, Fault> {
  while (!signal.aborted) {
    const came = await daemonOf(account).perform(account, { do: "receive" }, signal);
    if (!came.ok) return came.fault.fault;
    const items = Array.isArray(came.value) ? came.value : [];
    yield { items };
    if (items.length === 0) await sleep(account.clock, pollEveryMs, signal);
  }
  return fault("aborted", "nobody listens any more");
}

/** What came while the store took nothing, and doesn't come again: it waits here for as long as this process lives. */
const unstored = new WeakMap<Settings, readonly Json[]>();

async function store({ settings }: SignalAccount, inbox: Inbox, fresh: readonly Json[], cursor?: string): Promise<Fault | undefined> {
  const items = [...(unstored.get(settings) ?? []), ...fresh];
  const events = items.flatMap((item) => decode(item, settings.account) ?? []);
  const refused = events.length > 0 ? await handOver(inbox, events, cursor) : undefined;
  // What the daemon keeps itself comes again behind the cursor.
  if (refused && cursor === undefined) unstored.set(settings, items);
  if (refused) return refused;
  unstored.delete(settings);
  inbox.alive();
  return undefined;
}

async function send(account: SignalAccount, { chat, content }: Outbound, signal: AbortSignal): Promise<SendOutcome> {
  const { letters, styles } = readStyles(content.text);
  const files = await attachmentsOf(account, content.file ? [content.file, ...(content.album ?? [])] : []);
  if (!files.ok) return outcomeOfFault(files.fault);
  const quote = content.replyTo === undefined ? undefined : readPlatformId(content.replyTo, account.settings.account);
  const task = { do: "send", chat, text: letters, styles, attachments: files.value, ...(quote && { quote }) } as const;
  const answer = await daemonOf(account).perform(account, task, signal);
  if (!answer.ok) return outcomeOf(answer.fault);
  const receipt = String(fieldsOf(answer.value).timestamp);
  if (/^\d+$/.test(receipt)) return { kind: "sent", receipt };
  return { kind: "unknown", code: "channel-unknown", message: "signal-cli took the message, but its answer names none" };
}

/** https://github.com/AsamK/signal-cli/blob/master/man/signal-cli.1.adoc, `--attachment`: data URIs that name their file. */
async function attachmentsOf(account: SignalAccount, files: readonly FilePart[]): Promise<Result<readonly string[]>> {
  const made: string[] = [];
  for (const part of files) {
    const file = await outgoingFile(account, part, maxFile);
    if (!file.ok) return file;
    const { name, mediaType, bytes } = file.value;
    const called = encodeURI(name.replace(/[^\p{L}\p{N}._ -]/gu, ""));
    made.push(`data:${mediaType};filename=${called};base64,${Buffer.from(bytes).toString("base64")}`);
  }
  return ok(made);
}
