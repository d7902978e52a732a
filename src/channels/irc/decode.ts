import type { Chat, MessageEvent, PlatformEvent, Sender } from "../../core/event.ts";
import { textPart } from "../../core/message.ts";
import { stripIrc } from "../../dialects/irc.ts";
import { ctcpOf } from "../../wires/irc/ctcp.ts";
import { channelOf, fold, type Line, type Source, type Support } from "../../wires/irc/line.ts";
import { personOf, unproven } from "./people.ts";

/** What is known on a connection when a line arrives. */
export interface Facts {
  /** Ours, now. */
  readonly nick: string;
  /** By which we are addressed. */
  readonly names: readonly string[];
  /** Channels that are entered because the configuration says so, folded: that is no news. */
  readonly home: ReadonlySet<string>;
  readonly support: Support;
  readonly caps: ReadonlySet<string>;
  /** Milliseconds; for servers that tell no time. */
  readonly now: number;
  /** Of an event whose line has no id: the connection's and the line's number, so that it is the only one. */
  readonly key: string;
  /** The line is played back: from when on the channel's past is new, by channel. What isn't in it is old. */
  readonly since?: ReadonlyMap<string, number>;
}

/** What one line tells us, or nothing. Pure. */
export function decode(line: Line, facts: Facts): PlatformEvent | undefined {
  const { command, params, source } = line;
  if (source === undefined) return undefined;
  const at = timeOf(line, facts);
  const key = facts.caps.has("message-tags") ? line.tags.get("msgid") || facts.key : facts.key;
  if (command === "JOIN" || command === "PART" || command === "KICK") return membershipOf(line, source, at, facts);
  if (same(source.nick, facts.nick, facts) || source.host === undefined) return undefined;
  const chat = chatOf(params[0] ?? "", source, line, facts);
  if (!chat || isOld(chat, at, line, facts)) return undefined;
  const base = { key, chat, at, sender: senderOf(source, line, facts) };
  switch (command) {
    case "PRIVMSG":
    case "NOTICE":
      return messageOf(line, base, facts);
    case "TAGMSG":
      return reactionOf(line, base);
    case "REDACT":
      return params[1] ? { ...base, kind: "delete", key: `redact:${params[1]}`, platformId: params[1] } : undefined;
  }
  return undefined;
}

type Base = Pick<MessageEvent, "key" | "chat" | "at" | "sender">;

function messageOf(line: Line, base: Base, facts: Facts): PlatformEvent | undefined {
  // Services and servers speak in notices to us; nobody may answer one: https://modern.ircdocs.horse/#notice-message
  const notice = line.command === "NOTICE";
  if (notice && base.chat.kind === "direct") return undefined;
  const said = wordsOf(line.params[1] ?? "");
  if (said === undefined || said.trim() === "") return undefined;
  const { addressed, words } = address(said, facts);
  const reply = line.tags.get("+reply") ?? line.tags.get("+draft/reply");
  return {
    ...base,
    kind: "message",
    platformId: base.key,
    sender: notice ? { ...base.sender, bot: true } : base.sender,
    parts: [textPart(words)],
    ...(reply && facts.caps.has("message-tags") ? { replyTo: reply } : {}),
    addressed: addressed || base.chat.kind === "direct",
  };
}

/** https://ircv3.net/specs/client-tags/react */
function reactionOf({ tags }: Line, base: Base): PlatformEvent | undefined {
  const platformId = tags.get("+reply") ?? tags.get("+draft/reply");
  const reaction = tags.get("+draft/react");
  if (!platformId || (reaction === undefined && !tags.has("+draft/unreact"))) return undefined;
  return { ...base, kind: "reaction", platformId, reactions: reaction ? [reaction.slice(0, 100)] : [] };
}

/** Ours only: who else comes and goes is nobody's message. */
function membershipOf({ command, params }: Line, source: Source, at: number, facts: Facts): PlatformEvent | undefined {
  const channel = channelOf(params[0] ?? "", facts.support);
  const whom = command === "KICK" ? (params[1] ?? "") : source.nick;
  if (channel === undefined || !same(whom, facts.nick, facts)) return undefined;
  const id = fold(channel, facts.support);
  if (command === "JOIN" && facts.home.has(id)) return undefined;
  return {
    ...{ kind: "membership", key: facts.key, at, chat: { id, kind: "group", title: channel } },
    sender: {
      ...{ id: personOf(source, undefined, (name) => fold(name, facts.support)), name: source.nick },
      ...{ bot: false, self: same(source.nick, facts.nick, facts) },
    },
    change: command === "JOIN" ? "joined" : "left",
  };
}

/** A channel by its name; a direct chat by the person, since a nick can be somebody else's tomorrow. Its title is the nick of today. */
function chatOf(target: string, source: Source, line: Line, facts: Facts): Chat | undefined {
  const channel = channelOf(target, facts.support);
  if (channel !== undefined) return { id: fold(channel, facts.support), kind: "group", title: channel };
  if (!same(target, facts.nick, facts)) return undefined;
  return { id: senderOf(source, line, facts).id, kind: "direct", title: source.nick };
}

/** https://ircv3.net/specs/extensions/account-tag and https://ircv3.net/specs/extensions/bot-mode; nobody but the server writes tags without a plus. */
function senderOf(source: Source, { tags }: Line, { caps, support }: Facts): Sender {
  const account = caps.has("account-tag") ? tags.get("account") : undefined;
  const id = personOf(source, account, (name) => fold(name, support));
  const proof = id.startsWith(unproven) ? "" : ` (${account})`;
  return {
    ...{ id, name: source.nick, handle: `${source.nick}!${source.user ?? ""}@${source.host ?? ""}${proof}` },
    ...{ bot: tags.has("bot") || tags.has("draft/bot") || tags.has("inspircd.org/bot"), self: false },
  };
}

/** https://ircv3.net/specs/extensions/server-time */
function timeOf({ tags }: Line, { caps, now }: Facts): number {
  const time = caps.has("server-time") ? Date.parse(tags.get("time") ?? "") : Number.NaN;
  return Number.isFinite(time) ? time : now;
}

/** Of what is played back only what was said since we listened last is new, and only what has an id can be told from what we know. */
function isOld({ id }: Chat, at: number, { tags }: Line, { since }: Facts): boolean {
  if (!since) return false;
  const from = since.get(id);
  // Servers play back with times in whole seconds; what is told twice for that has the same id.
  return from === undefined || at < Math.floor(from / 1000) * 1000 || !tags.get("msgid");
}

/** The words, without codes; nothing for what programs ask each other. */
function wordsOf(text: string): string | undefined {
  const question = ctcpOf(text);
  if (!question) return stripIrc(text);
  return question.command === "ACTION" ? `/me ${stripIrc(question.rest)}` : undefined;
}

/** Whether one of our names is in it as a word; in front of the rest ("polly: …") it isn't part of what is said. */
function address(said: string, { names, support }: Facts): { readonly addressed: boolean; readonly words: string } {
  const folded = fold(said, support);
  for (const name of names.map((one) => fold(one, support))) {
    // Folding changes no letter's place, but for those of scripts that names hardly have.
    if (folded.length === said.length && folded.startsWith(name)) {
      const [front] = /^[:,;]\s+/.exec(said.slice(name.length)) ?? [];
      if (front !== undefined) return { addressed: true, words: said.slice(name.length + front.length) };
    }
    for (let at = folded.indexOf(name); at >= 0; at = folded.indexOf(name, at + 1)) {
      if (!isNickSign(folded[at - 1]) && !isNickSign(folded[at + name.length])) return { addressed: true, words: said };
    }
  }
  return { addressed: false, words: said };
}

function isNickSign(sign: string | undefined): boolean {
  return sign !== undefined && /[\p{L}\p{N}[\]\\`_^{|}~-]/u.test(sign);
}

function same(one: string, other: string, { support }: Facts): boolean {
  return fold(one, support) === fold(other, support);
}
