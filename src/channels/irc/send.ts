import type { Outbound, Reaction } from "../../core/channel.ts";
import { outcomeOfFault, type SendOutcome } from "../../core/delivery.ts";
import { type Fault, fail, fault, ok, type Result } from "../../core/errors.ts";
import type { Chat } from "../../core/event.ts";
import { ircLines } from "../../dialects/irc.ts";
import type { IrcClient } from "../../wires/irc/client.ts";
import type { Answer } from "../../wires/irc/exchange.ts";
import { channelOf, formatLine, withTags } from "../../wires/irc/line.ts";
import { nickShape } from "../../wires/irc/login.ts";
import type { IrcConnection } from "./connection.ts";
import { personOf } from "./people.ts";

/**
 * One message, as the few lines that it has. The server's answer to each (by `labeled-response`), or to a PING behind them, says that it took them:
 * IRC servers deal with lines in order, and name what they refuse.
 */
export async function send(connection: IrcConnection, { chat, content, delivery }: Outbound, signal: AbortSignal): Promise<SendOutcome> {
  const { client } = connection;
  const target = await reach(connection, chat, signal);
  if (!target.ok) return outcomeOf(target.fault);
  const lines = ircLines(content.text, client.room(target.value));
  if (lines.length === 0) return { kind: "refused", code: "channel-permanent", message: "there is nothing in it that IRC can show" };
  const { replyTo } = content;
  const reply = replyTo !== undefined && isMessageId(replyTo) && client.caps.has("message-tags") ? replyTo : undefined;
  const written = lines.map((line, index) => {
    const privmsg = formatLine("PRIVMSG", target.value, line);
    return reply !== undefined && index === 0 ? withTags({ "+draft/reply": reply }, privmsg) : privmsg;
  });
  const asked = await client.exchange.ask(written, signal);
  if (!asked.ok) return outcomeOf(asked.fault);
  const refusals = client.refusals(asked.value, target.value);
  const first = refusals[0];
  if (first && refusals.length >= lines.length) return outcomeOf(first);
  if (first) return { kind: "unknown", code: "channel-unknown", message: `the server took only a part of it: ${first.message}` };
  if (!asked.value.whole) {
    const message = `it was written, but the server didn't say that it has it (${client.why.message})`;
    return { kind: "unknown", code: "channel-unknown", message };
  }
  return { kind: "sent", receipt: echoOf(asked.value, client) ?? delivery };
}

/** https://ircv3.net/specs/client-tags/react */
export async function react(
  connection: IrcConnection,
  { chat, platformId, reaction }: Reaction,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  const { client } = connection;
  if (!client.caps.has("message-tags")) return fault("channel-permanent", "this server knows no reactions (message-tags)");
  if (!isMessageId(platformId)) return fault("channel-permanent", "the message has no id on the server");
  if (reaction === undefined) return fault("channel-permanent", "reactions on IRC are not taken away");
  const target = await reach(connection, chat, signal);
  if (!target.ok) return target.fault;
  const tags = { "+draft/react": reaction, "+draft/reply": platformId };
  const asked = await client.exchange.ask([withTags(tags, formatLine("TAGMSG", target.value))], signal);
  return asked.ok ? client.refusals(asked.value, target.value)[0] : asked.fault;
}

/** Where to write: the channel, once we are in it; or the nick that the person has now. */
async function reach(connection: IrcConnection, chat: Chat, signal: AbortSignal): Promise<Result<string>> {
  if (chat.kind === "direct") return nickOf(connection, chat, signal);
  const channel = channelOf(chat.id, connection.client.support);
  if (channel === undefined || /[\s,\p{Cc}]/u.test(channel)) return fail("channel-permanent", "the conversation's id is no channel's name");
  const why = connection.whyNot(channel) ?? (await connection.client.join(channel, [], signal));
  return why ? { ok: false, fault: why } : ok(channel);
}

/**
 * The nick of a direct chat's person. What they wrote with a moment ago is believed; otherwise the server is asked who has it now: a message
 * must not go to whoever took the nick meanwhile.
 */
async function nickOf(connection: IrcConnection, chat: Chat, signal: AbortSignal): Promise<Result<string>> {
  const known = connection.nickOf(chat.id);
  if (known?.fresh) return ok(known.nick);
  const own = /^(?:unproven:)?([^!@]+)/.exec(chat.id)?.[1];
  const candidates = new Set([known?.nick, chat.title, own].filter((nick) => nick !== undefined && nickShape.test(nick)) as string[]);
  for (const nick of candidates) {
    const asked = await connection.client.exchange.ask([formatLine("WHOIS", nick)], signal);
    if (!asked.ok) return { ok: false, fault: asked.fault };
    if (!asked.value.whole) return fail("channel-unreachable", "the connection ended before the server said who has the nick");
    if (asked.value.lines.some(({ command }) => command === "263")) return fail("channel-retry", "the server says later who has the nick");
    if (whoIs(asked.value, connection.client) !== chat.id) continue;
    connection.hasNow(chat.id, nick);
    return ok(nick);
  }
  return fail("channel-gone", `${chat.title ?? chat.id} isn't on the network as who wrote to us`);
}

/** https://modern.ircdocs.horse/#whois-message: 311 has nick, user and host, 330 the account. */
function whoIs({ lines }: Answer, client: IrcClient): string | undefined {
  const user = lines.find(({ command }) => command === "311")?.params;
  if (!user) return undefined;
  const account = lines.find(({ command }) => command === "330")?.params[2];
  const [, nick = "", name = "", host = ""] = user;
  return personOf({ nick, user: name, host }, client.caps.has("account-tag") ? account : undefined, (one) => client.fold(one));
}

/** What came back of our first line; its id is what others answer to. */
function echoOf({ lines }: Answer, client: IrcClient): string | undefined {
  const echo = lines.find(({ command, source }) => command === "PRIVMSG" && source?.nick === client.nick);
  return echo?.tags.get("msgid") || undefined;
}

/** Ids that a server made, not our own keys of messages without one. https://ircv3.net/specs/extensions/message-ids */
function isMessageId(id: string): boolean {
  return /^[^\s:;\p{Cc}]{1,200}$/u.test(id) && !/^dl_/.test(id);
}

function outcomeOf(why: Fault & { readonly waitMs?: number }): Exclude<SendOutcome, { kind: "sent" }> {
  const outcome = outcomeOfFault(why);
  return outcome.kind === "retry" && why.waitMs !== undefined ? { ...outcome, afterMs: why.waitMs, scope: "account" } : outcome;
}
