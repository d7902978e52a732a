import { startDiscordSimulator } from "../../simulators/discord.ts";
import { startIrcSimulator } from "../../simulators/irc.ts";
import { startMailSimulator } from "../../simulators/mail.ts";
import { startMatrixSimulator } from "../../simulators/matrix.ts";
import { idOf, startMattermostSimulator } from "../../simulators/mattermost.ts";
import { startRocketChatSimulator } from "../../simulators/rocketchat.ts";
import { startSignalSimulator } from "../../simulators/signal.ts";
import { readSpec as readSlack, startSlackSimulator } from "../../simulators/slack.ts";
import { readSpec as readTelegram, startTelegramSimulator, tooMany } from "../../simulators/telegram.ts";
import { startXmppSimulator } from "../../simulators/xmpp.ts";
import { common, many, type OpenStand } from "./stand.ts";

export const telegram: OpenStand = async (count) => {
  const simulator = await startTelegramSimulator({ spec: readTelegram() });
  const chats = many(count, (index) => String(1_000 + index));
  for (const chat of chats) simulator.world.chat(Number(chat));
  return {
    ...{ kind: "telegram", chats, violations: simulator.violations },
    account: { ...common, token: simulator.token, apiRoot: simulator.url },
    say: (chat, text) => void simulator.say(Number(chat), Number(chat), text),
    seen: (chat) => simulator.seen(Number(chat)).map(({ text }) => text),
    disturb() {
      for (const what of [tooMany(1), { kind: "cut" }, { kind: "drop" }, { kind: "proxy", status: 502 }] as const) {
        simulator.arrange({ method: "sendMessage", what });
      }
      return { whole: 1 };
    },
    outage(on) {
      if (on) simulator.arrange({ method: "sendMessage", times: Number.POSITIVE_INFINITY, what: { kind: "cut" } });
      else simulator.calm();
    },
    close: () => simulator.close(),
  };
};

export const discord: OpenStand = async (count) => {
  const simulator = await startDiscordSimulator();
  const chats = many(count, (index) => String(600_000_000_000_000_000n + BigInt(index)));
  for (const chat of chats) simulator.channel(chat);
  return {
    ...{ kind: "discord", chats, violations: simulator.violations, exact: true },
    account: { ...common, botToken: simulator.token, apiRoot: simulator.url },
    say: (chat, text) => void simulator.say(chat, `5${chat.slice(1)}`, text),
    seen: (chat) => simulator.seen(chat).map(({ content }) => content),
    disturb() {
      simulator.arrange({ kind: "limit", seconds: 0.5 });
      simulator.arrange({ kind: "proxy", status: 502, after: true });
      simulator.arrange({ kind: "cut" });
      return { whole: 1 };
    },
    close: () => simulator.close(),
  };
};

export const slack: OpenStand = async (count) => {
  const simulator = await startSlackSimulator({ spec: readSlack() });
  const chats = many(count, (index) => `D0CHAT${index}`);
  for (const chat of chats) simulator.channel(chat);
  return {
    ...{ kind: "slack", chats, violations: simulator.violations },
    account: { ...common, botToken: simulator.botToken, appToken: simulator.appToken, apiRoot: simulator.url },
    say: (chat, text) => void simulator.say(chat, `U${chat}`, text),
    seen: (chat) => simulator.seen(chat).map(({ text }) => text),
    disturb() {
      simulator.arrange({ kind: "limit", seconds: 1 });
      simulator.arrange({ kind: "proxy", status: 503, after: true });
      simulator.arrange({ kind: "cut" });
      simulator.cutSockets();
      return { whole: 1 };
    },
    close: () => simulator.close(),
  };
};

/** Its conversations are threads of one room. */
export const matrix: OpenStand = async (count) => {
  const simulator = await startMatrixSimulator();
  const chats = many(count, (index) => `$thread${index}`);
  const relation = (chat: string) => ({ rel_type: "m.thread", event_id: chat, is_falling_back: true, "m.in_reply_to": { event_id: chat } });
  return {
    ...{ kind: "matrix", chats, violations: simulator.violations, exact: true },
    account: { ...common, homeserver: simulator.url, token: simulator.token },
    say: (chat, body) =>
      simulator.addOnceSeen(simulator.event(`@p${chat.slice(7)}:example.com`, { msgtype: "m.text", body, "m.relates_to": relation(chat) })),
    seen: (chat) =>
      simulator.timeline.flatMap(({ sender, content }) => {
        const { event_id: of } = (content["m.relates_to"] ?? {}) as { event_id?: string };
        return sender === simulator.user && of === chat ? [String(content.body)] : [];
      }),
    disturb() {
      const limited = { status: 429, body: { errcode: "M_LIMIT_EXCEEDED", error: "slow down" }, headers: { "retry-after": "1" } };
      for (const what of [limited, "cut", "do-and-cut", { status: 502, body: "bad gateway" }] as const)
        simulator.faults.push({ on: "send", what });
      simulator.cut();
      return { whole: 1 };
    },
    close: () => simulator.close(),
  };
};

/** Its conversations are threads, one person's each. */
export const email: OpenStand = async (count) => {
  const simulator = await startMailSimulator();
  const { world } = simulator;
  const chats = many(count, (index) => `<thread${index}@people.example>`);
  let said = 0;
  return {
    ...{ kind: "email", chats, violations: [] },
    account: {
      ...common,
      address: "bot@example.com",
      imap: simulator.imap,
      smtp: simulator.smtp,
      password: world.password,
      trustFrom: true,
    },
    say(chat, text) {
      const lines = [
        `From: p${chat.replace(/\D/g, "")}@people.example`,
        "To: bot@example.com",
        "Subject: A question",
        `Message-ID: <said-${++said}@people.example>`,
        `References: ${chat}`,
        "Content-Type: text/plain; charset=utf-8",
        "",
        text,
        "",
      ];
      world.folder("INBOX").addOnceOpened(Buffer.from(lines.join("\r\n")));
    },
    // A program that shows mail shows one of those with the same Message-ID.
    seen(chat) {
      const mails = world.accepted.map(({ raw }) => raw.toString("latin1")).filter((raw) => raw.replace(/\r\n\s/g, " ").includes(chat));
      const byId = new Map(mails.map((raw) => [/^Message-ID: (\S+)/im.exec(raw)?.[1] ?? raw, raw] as const));
      return [...byId.values()];
    },
    disturb() {
      world.faults.push({ at: "RCPT", what: "451 4.7.1 greylisted" }, { at: "END", what: "take-and-drop" }, { at: "DATA", what: "drop" });
      simulator.cutImap();
      return { whole: 1 };
    },
    close: () => simulator.close(),
  };
};

/** Its conversations are channels. */
export const irc: OpenStand = async (count) => {
  const simulator = await startIrcSimulator();
  simulator.caps = ["message-tags", "server-time", "account-tag", "echo-message", "labeled-response", "batch", "draft/chathistory"];
  const chats = many(count, (index) => `#room${index}`);
  return {
    ...{ kind: "irc", chats, violations: simulator.violations },
    account: {
      ...{ server: `irc://127.0.0.1:${simulator.port}`, nick: "polly", channels: chats, lineMs: 0 },
      ...{ ...common, access: { groups: chats } },
    },
    say: (chat, text) => simulator.sayOnceHeard("ada", chat, `polly: ${text}`),
    // An answer has several lines, one of which holds the word.
    seen: (chat) => simulator.seen.flatMap(({ target, text }) => (target === chat && text.includes("word-") ? [text] : [])),
    disturb() {
      simulator.faults.push({ on: "PRIVMSG", what: "do-and-cut" });
      return { whole: 1 };
    },
    close: () => simulator.close(),
  };
};

export const mattermost: OpenStand = async (count) => {
  const simulator = await startMattermostSimulator();
  const chats = many(count, (index) => idOf("chat", index));
  for (const chat of chats) simulator.channel(chat);
  return {
    ...{ kind: "mattermost", chats, violations: simulator.violations },
    account: { ...common, server: simulator.url, token: simulator.token },
    say: (chat, text) => void simulator.say(chat, idOf("ann"), text),
    seen: (chat) => simulator.seen(chat).map(({ message }) => message),
    disturb() {
      simulator.arrange({ kind: "limit", seconds: 1 });
      simulator.arrange({ kind: "cut" });
      simulator.arrange({ kind: "cut", after: true });
      return { whole: 1 };
    },
    close: () => simulator.close(),
  };
};

export const rocketchat: OpenStand = async (count) => {
  const simulator = await startRocketChatSimulator();
  const chats = many(count, (index) => `chat${index}`);
  for (const chat of chats) simulator.room(chat);
  return {
    ...{ kind: "rocketchat", chats, violations: simulator.violations, exact: true },
    account: { ...common, server: simulator.url, token: simulator.token, userId: simulator.bot },
    say: (chat, text) => void simulator.say(chat, "ann", text),
    seen: (chat) => simulator.seen(chat).map(({ msg }) => msg),
    disturb() {
      simulator.arrange({ kind: "limit", seconds: 1 });
      simulator.arrange({ kind: "cut" });
      simulator.arrange({ kind: "cut", after: true });
      return { whole: 1 };
    },
    close: () => simulator.close(),
  };
};

export const signal: OpenStand = async (count) => {
  const simulator = await startSignalSimulator();
  const chats = many(count, (index) => `22222222-2222-4222-8222-${String(index).padStart(12, "0")}`);
  for (const chat of chats) simulator.people.add(chat);
  let said = 1_800_000_000_000;
  return {
    ...{ kind: "signal", chats, violations: simulator.violations },
    account: { ...common, ...simulator.settings },
    say(sourceUuid, message) {
      const timestamp = ++said;
      const who = { source: sourceUuid, sourceUuid, sourceNumber: null };
      simulator.happen({ ...who, timestamp, dataMessage: { timestamp, message, expiresInSeconds: 0, viewOnce: false } });
    },
    seen: (chat) => simulator.seen(chat).map(({ text }) => text),
    disturb() {
      simulator.arrange({ kind: "cut" });
      simulator.arrange({ kind: "cut", after: true });
      return { whole: 1 };
    },
    close: () => simulator.close(),
  };
};

export const xmpp: OpenStand = async (count) => {
  const simulator = await startXmppSimulator();
  simulator.password = "a-password-of-the-tests";
  return {
    ...{ kind: "xmpp", chats: many(count, (index) => `p${index}@localhost`), violations: simulator.violations },
    account: { ...common, jid: "polly@localhost", password: simulator.password, server: `plain://127.0.0.1:${simulator.port}` },
    say: (chat, text) => void simulator.say(`${chat}/phone`, text),
    seen: (chat) => simulator.seen(chat),
    disturb() {
      simulator.faults.push("wait:resource-constraint", "do-and-cut");
      return { whole: 1 };
    },
    close: () => simulator.close(),
  };
};
