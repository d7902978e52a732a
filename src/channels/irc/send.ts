import type { Outbound, Reaction } from "../../core/channel.ts";
import type { SendOutcome } from "../../core/delivery.ts";
import { errorTable, type Fault, fail, fault, ok, type Result } from "../../core/errors.ts";
import type { Chat } from "../../core/event.ts";
import { ircLines } from "../../dialects/irc.ts";
import type { IrcConnection } from "./connection.ts";
import type { Answer } from "./exchange.ts";
import { channelOf, formatLine, type Line, withTags } from "./line.ts";
import { personOf } from "./people.ts";
import { nickShape } from "./settings.ts";

/** Numbers by which a server says that something of a message, a join or a question didn't work. https://modern.ircdocs.horse/#numerics */
const goneNumbers = new Set("401 403 405 442 471 473 474 475 476 477 489 520".split(" "));
const laterNumbers = new Set("263 407 437 439 480 707".split(" "));
const refusedNumbers = new Set("404 408 411 412 415 416 421 435 461 472 482 486 488 492 513 531 573 716".split(" "));
/** Those that name no target. */
const untargeted = new Set("263 411 412 415 416 421 461 FAIL".split(" "));

/**
 * One message, as the few lines that it has. The server's answer to each (by `labeled-response`), or to a PING behind them, says that it took them:
 * IRC servers deal with lines in order, and name what they refuse.
 */
export async function send(connection: IrcConnection, { chat, content, delivery }: Outbound, signal: AbortSignal): Promise<SendOutcome> {
  const target = await reach(connection, chat, signal);
  if (!target.ok) return outcomeOf(target.fault);
  const lines = ircLines(content.text, connection.room(target.value));
  if (lines.length === 0) return { kind: "refused", code: "channel-permanent", message: "there is nothing in it that IRC can show" };
  const { replyTo } = content;
  const reply = replyTo !== undefined && isMessageId(replyTo) && connection.caps.has("message-tags") ? replyTo : undefined;
  const written = lines.map((line, index) => {
    const privmsg = formatLine("PRIVMSG", target.value, line);
    return reply !== undefined && index === 0 ? withTags({ "+draft/reply": reply }, privmsg) : privmsg;
  });
  const asked = await connection.exchange.ask(written, signal);
  if (!asked.ok) return outcomeOf(asked.fault);
  const refusals = asked.value.lines.flatMap((line) => refusalOf(line, target.value, connection) ?? []);
  const first = refusals[0];
  if (first && refusals.length >= lines.length) return outcomeOf(first);
  if (first) return { kind: "unknown", code: "channel-unknown", message: `the server took only a part of it: ${first.message}` };
  if (!asked.value.whole) {
    const message = `it was written, but the server didn't say that it has it (${connection.why.message})`;
    return { kind: "unknown", code: "channel-unknown", message };
  }
  return { kind: "sent", receipt: echoOf(asked.value, connection) ?? delivery };
}

/** https://ircv3.net/specs/client-tags/react */
export async function react(
  connection: IrcConnection,
  { chat, platformId, reaction }: Reaction,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  if (!connection.caps.has("message-tags")) return fault("channel-permanent", "this server knows no reactions (message-tags)");
  if (!isMessageId(platformId)) return fault("channel-permanent", "the message has no id on the server");
  if (reaction === undefined) return fault("channel-permanent", "reactions on IRC are not taken away");
  const target = await reach(connection, chat, signal);
  if (!target.ok) return target.fault;
  const tags = { "+draft/react": reaction, "+draft/reply": platformId };
  const asked = await connection.exchange.ask([withTags(tags, formatLine("TAGMSG", target.value))], signal);
  return asked.ok ? asked.value.lines.map((line) => refusalOf(line, target.value, connection)).find(Boolean) : asked.fault;
}

/** Enters a channel, and says why not. Being there already is no fault. */
export async function join(connection: IrcConnection, wanted: string, signal: AbortSignal): Promise<Fault | undefined> {
  const [channel = "", ...key] = wanted.split(" ");
  if (connection.joined.has(connection.fold(channel))) return undefined;
  const asked = await connection.exchange.ask([formatLine("JOIN", channel, ...key)], signal);
  if (!asked.ok) return asked.fault;
  if (connection.joined.has(connection.fold(channel))) return undefined;
  if (!asked.value.whole) return fault("channel-unreachable", "the connection ended while we entered a channel");
  return (
    asked.value.lines.map((line) => refusalOf(line, channel, connection)).find(Boolean) ??
    fault("channel-gone", `the server doesn't let us into ${channel}`)
  );
}

/** Where to write: the channel, once we are in it; or the nick that the person has now. */
async function reach(connection: IrcConnection, chat: Chat, signal: AbortSignal): Promise<Result<string>> {
  if (chat.kind === "direct") return nickOf(connection, chat, signal);
  const channel = channelOf(chat.id, connection.support);
  if (channel === undefined || /[\s,\p{Cc}]/u.test(channel)) return fail("channel-permanent", "the conversation's id is no channel's name");
  const why = connection.thrownOut.get(connection.fold(channel)) ?? (await join(connection, channel, signal));
  return why ? { ok: false, fault: why } : ok(channel);
}

/**
 * The nick of a direct chat's person. What they wrote with a moment ago is believed; otherwise the server is asked who has it now: a message
 * must not go to whoever took the nick meanwhile.
 */
async function nickOf(connection: IrcConnection, chat: Chat, signal: AbortSignal): Promise<Result<string>> {
  const known = connection.people.of(chat.id, connection.elapsed);
  if (known?.fresh) return ok(known.nick);
  const own = /^(?:unproven:)?([^!@]+)/.exec(chat.id)?.[1];
  const candidates = new Set([known?.nick, chat.title, own].filter((nick) => nick !== undefined && nickShape.test(nick)) as string[]);
  for (const nick of candidates) {
    const asked = await connection.exchange.ask([formatLine("WHOIS", nick)], signal);
    if (!asked.ok) return { ok: false, fault: asked.fault };
    if (!asked.value.whole) return fail("channel-unreachable", "the connection ended before the server said who has the nick");
    if (asked.value.lines.some(({ command }) => command === "263")) return fail("channel-retry", "the server says later who has the nick");
    if (whoIs(asked.value, connection) !== chat.id) continue;
    connection.people.heard(chat.id, nick, connection.elapsed);
    return ok(nick);
  }
  return fail("channel-gone", `${chat.title ?? chat.id} isn't on the network as who wrote to us`);
}

/** https://modern.ircdocs.horse/#whois-message: 311 has nick, user and host, 330 the account. */
function whoIs({ lines }: Answer, connection: IrcConnection): string | undefined {
  const user = lines.find(({ command }) => command === "311")?.params;
  if (!user) return undefined;
  const account = lines.find(({ command }) => command === "330")?.params[2];
  const [, nick = "", name = "", host = ""] = user;
  return personOf({ nick, user: name, host }, connection.caps.has("account-tag") ? account : undefined, (one) => connection.fold(one));
}

/** What came back of our first line; its id is what others answer to. */
function echoOf({ lines }: Answer, connection: IrcConnection): string | undefined {
  const echo = lines.find(({ command, source }) => command === "PRIVMSG" && source?.nick === connection.nick);
  return echo?.tags.get("msgid") || undefined;
}

/** Ids that a server made, not our own keys of messages without one. https://ircv3.net/specs/extensions/message-ids */
function isMessageId(id: string): boolean {
  return /^[^\s:;\p{Cc}]{1,200}$/u.test(id) && !/^dl_/.test(id);
}

/** What a line refuses of something that went to the target. Where nothing is labelled, lines about something else come in between. */
function refusalOf({ command, params }: Line, target: string, connection: IrcConnection): Fault | undefined {
  const about = params[1] ?? "";
  if (!untargeted.has(command) && connection.fold(about) !== connection.fold(target)) return undefined;
  const what = `the server refused it: ${command} ${params
    .slice(1)
    .join(" ")
    .replace(/\p{Cc}/gu, " ")
    .slice(0, 200)}`;
  if (goneNumbers.has(command)) return fault("channel-gone", what);
  if (laterNumbers.has(command)) return fault("channel-retry", what);
  if (refusedNumbers.has(command)) return fault("channel-permanent", what);
  return command === "FAIL" ? fault("channel-permanent", what) : undefined;
}

function outcomeOf(why: Fault & { readonly waitMs?: number }): Exclude<SendOutcome, { kind: "sent" }> {
  const { code, message, waitMs } = why;
  if (!errorTable[code].retryable) return { kind: "refused", code, message };
  return { kind: "retry", code, message, ...(waitMs === undefined ? {} : { afterMs: waitMs, scope: "account" }) };
}
