import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import irc from "../../src/channels/irc/index.ts";
import type { Account } from "../../src/core/channel.ts";
import type { Fault } from "../../src/core/errors.ts";
import type { MessageEvent } from "../../src/core/event.ts";
import { parseMarkdown } from "../../src/core/markdown.ts";
import { openAccount, systemClock } from "../contract/account.ts";
import { outbound, TestInbox } from "../contract/channel.ts";
import { makeCertificate } from "../servers/certificate.ts";
import { type IrcServer, ircServersMissing, startInspircd, startNgircd } from "../servers/irc.ts";

/** The channel with two real servers: ngIRCd, which has little of IRCv3, and InspIRCd with Anope as its services, which has most of it. */

const never = new AbortController().signal;
const skip = ircServersMissing();
const password = "polly-password-0123";
type IrcAccount = Parameters<NonNullable<typeof irc.probe>>[0];

for (const start of [startNgircd, startInspircd]) {
  const modern = start === startInspircd;
  describe(`IRC, with ${modern ? "InspIRCd and Anope" : "ngIRCd"}`, { skip, timeout: 300_000 }, () => {
    let server: IrcServer;
    before(async () => {
      server = await start();
      // The account of the bot at the services.
      if (modern) (await server.person("polly", { register: password })).close();
    });
    after(() => server?.[Symbol.asyncDispose]());

    const closing: (() => void)[] = [];
    after(() => {
      for (const close of closing) close();
    });

    const open = (settings: object = {}, more: Partial<Account> = {}) => {
      const login = modern ? { user: "polly", password } : {};
      const all = { server: server.tls, nick: "polly", ca: server.certificate.certificate, lineMs: 0, ...login, ...settings };
      return { ...openAccount(irc, all), ...more } as ReturnType<typeof openAccount> & IrcAccount;
    };

    /** Listens in the background, once it is in. */
    const listening = async (account: IrcAccount, cursor?: string) => {
      const end = new AbortController();
      closing.push(() => end.abort());
      const inbox = Object.assign(new TestInbox(end, Number.POSITIVE_INFINITY), {
        troubles: new Map<string, Fault | undefined>(),
        trouble(part: string, why: Fault | undefined) {
          inbox.troubles.set(part, why);
        },
      });
      inbox.cursor = cursor;
      const ended = irc.listen?.(account, inbox, end.signal);
      await until(() => inbox.wasAlive || undefined);
      return {
        inbox,
        ended,
        stop: () => {
          end.abort();
          return ended;
        },
      };
    };
    type Listening = Awaited<ReturnType<typeof listening>>;
    const heard = async ({ inbox }: Listening, part: string): Promise<MessageEvent> =>
      until(() => inbox.events.find((event) => event.kind === "message" && wordsOf(event).includes(part)) as MessageEvent | undefined);

    test("probe: who it is, and why not", async () => {
      const found = await irc.probe(open({ nick: "prober" }), never);
      assert.deepEqual(found, { ok: true, value: { id: modern ? "polly" : "prober", name: "prober" } });
      const stranger = await irc.probe(open({ ca: undefined, nick: "distrustful" }), never);
      assert.ok(!stranger.ok && stranger.fault.code === "channel-unreachable", JSON.stringify(stranger));
      const wrong = await irc.probe(open({ nick: "wrong", user: "polly", password: "another-password" }), never);
      // ngIRCd offers no SASL: whoever wants to be known there isn't let in unknown.
      assert.ok(!wrong.ok && wrong.fault.code === (modern ? "channel-auth" : "channel-retry"), JSON.stringify(wrong));
      assert.ok(!JSON.stringify(wrong).includes("another-password"));
    });

    test("what is heard: channels, direct messages, mentions, actions, codes; who it was", async () => {
      const account = open({ nick: "ears", channels: ["#Heard"] });
      const listener = await listening(account);
      const ada = await server.person("Ada", modern ? { register: "ada-password" } : {});
      await ada.join("#heard");
      await until(async () =>
        (await ada.ask("NAMES #heard", "366")).some(({ params }) => params.at(-1)?.includes("ears")) ? true : undefined,
      );
      ada.say(
        "PRIVMSG #heard :nobody is meant",
        "PRIVMSG #heard :EARS: first words",
        "PRIVMSG #heard :what does ears say?",
        "PRIVMSG #heard :that appears wrong",
        "PRIVMSG #heard :\u0001ACTION waves\u0001",
        "PRIVMSG #heard :\u0002bold\u0002 \u000304,12red\u0003 \u001dslanted\u000f",
        "PRIVMSG ears :direct words",
        "PRIVMSG ears :\u0001VERSION\u0001",
        "NOTICE ears :a notice",
        "PRIVMSG ears :last words",
      );
      await heard(listener, "last words");
      const said = listener.inbox.events.filter((event) => event.kind === "message");
      assert.deepEqual(
        said.map((event) => [event.chat.kind, wordsOf(event), event.addressed]),
        [
          ["group", "nobody is meant", false],
          ["group", "first words", true],
          ["group", "what does ears say?", true],
          ["group", "that appears wrong", false],
          ["group", "/me waves", false],
          ["group", "bold red slanted", false],
          ["direct", "direct words", true],
          ["direct", "last words", true],
        ],
      );
      const [first] = said;
      assert.deepEqual([first?.chat.id, first?.chat.kind], ["#heard", "group"]);
      const id = modern ? "ada" : "unproven:ada!~Ada@127.0.0.1";
      assert.deepEqual([first?.sender.id, first?.sender.name, first?.sender.bot], [id, "Ada", false]);
      const direct = await heard(listener, "direct words");
      assert.deepEqual(direct.chat, { id, kind: "direct", title: "Ada" });
      assert.equal(new Set(said.map(({ key }) => key)).size, said.length);
      const answered = await ada.until(({ command, params }) => command === "NOTICE" && params[1]?.startsWith("\u0001VERSION") === true);
      assert.equal(answered.params[1], "\u0001VERSION Polylogue\u0001");
      const guest = await server.person("guest");
      guest.say("PRIVMSG ears :guest words");
      assert.match((await heard(listener, "guest words")).sender.id, /^unproven:guest!/);
      await listener.stop();
    });

    test("what is sent: marks, lines, long words in whole graphemes and 512 bytes; to a channel that has to be entered first", async () => {
      const account = open({ nick: `polly-${"n".repeat(24)}` });
      const channel = `#${"c".repeat(modern ? 63 : 49)}`;
      const ada = await server.person("reader", modern ? { caps: ["message-tags"] } : {});
      await ada.join(channel);
      const { text } = irc.dialect.render(
        parseMarkdown("**bold _both_**\n\n`code` and [a link](https://example.org/)\n\n```\na\n\nb\n```"),
      );
      const chat = { id: channel, kind: "group" as const };
      const sent = await irc.send(account, outbound(chat, text), never);
      assert.ok(sent.kind === "sent", JSON.stringify(sent));
      await until(() => (ada.words(account.settings.nick, channel).length >= 4 ? true : undefined));
      assert.deepEqual(ada.words(account.settings.nick, channel), [
        "\u0002bold \u001dboth\u001d\u0002",
        "\u0011code\u0011 and a link (https://example.org/)",
        "\u0011a",
        "\u0011b\u0011",
      ]);
      // The receipt is the id under which others answer it, where there are ids.
      if (modern) assert.ok(ada.heard.some(({ raw }) => raw.includes(`msgid=${sent.receipt}`)));
      const family = "👨‍👩‍👧‍👦".repeat(30);
      const long = await irc.send(account, outbound(chat, family), never);
      assert.equal(long.kind, "sent");
      await until(() => (ada.words(account.settings.nick, channel).slice(4).join("") === family ? true : undefined));
      const lines = ada.heard.filter(({ from }) => from.startsWith("polly-")).map(({ raw }) => raw.replace(/^@\S+ /, ""));
      assert.ok(lines.every((line) => Buffer.byteLength(line) <= 510));
      assert.ok(Math.max(...lines.map((line) => Buffer.byteLength(line))) > 480, "the room in a line is used");
      await irc.typing?.(account, chat, never);
    });

    test("what is refused: nobody of that name, a channel that bans us, one where we may not speak", async () => {
      const account = open({ nick: "mute" });
      const ada = await server.person("boss");
      for (const channel of ["#banned", "#moderated"]) await ada.join(channel);
      await ada.ask("MODE #banned +b mute!*@*", "MODE");
      await ada.ask("MODE #moderated +m", "MODE");
      for (const [chat, code] of [
        [{ id: "#banned", kind: "group" }, "channel-gone"],
        [{ id: "#moderated", kind: "group" }, "channel-permanent"],
        [{ id: "nobody", kind: "direct", title: "nobody" }, "channel-gone"],
        [{ id: "#a b", kind: "group" }, "channel-permanent"],
      ] as const) {
        const outcome = await irc.send(account, outbound(chat, "x"), never);
        assert.ok(outcome.kind === "refused" && outcome.code === code, `${chat.id}: ${JSON.stringify(outcome)}`);
      }
    });

    test("a direct answer goes to the person, not to whoever has the nick by now", async () => {
      let later = 0;
      const account = open({ nick: "postie" }, { clock: { ...systemClock, elapsed: () => performance.now() + later } });
      const listener = await listening(account);
      const bea = await server.person("bea", modern ? { register: "bea-password" } : {});
      // The nick of the services' account is in use until it is registered; then another person takes it.
      bea.say("PRIVMSG postie :question of bea");
      const { chat } = await heard(listener, "question of bea");
      assert.equal((await irc.send(account, outbound(chat, "answer one"), never)).kind, "sent");
      await bea.read("postie", "answer one");
      later = 120_000;
      assert.equal((await irc.send(account, outbound(chat, "answer two"), never)).kind, "sent", "the server was asked");
      await bea.read("postie", "answer two");
      later = 240_000;
      bea.say("NICK bea_away");
      await bea.until(({ command }) => command === "NICK");
      const mallory = await server.person("bea");
      const kept = await irc.send(account, outbound(chat, "answer three"), never);
      if (modern) assert.ok(kept.kind === "refused" && kept.code === "channel-gone", JSON.stringify(kept));
      // Without accounts nick, user and host are all there is: here they differ by the user.
      else assert.ok(kept.kind === "refused" || kept.kind === "sent");
      if (modern) assert.deepEqual(mallory.words("postie"), []);
      await listener.stop();
    });

    test("thrown out: an event, a finding, no way back by itself; an invitation that access allows brings it back", async () => {
      const account = open({ nick: "guest-bot", channels: ["#door"] }, { admits: ({ chat }) => chat.id === "#door" });
      const boss = await server.person("host");
      await boss.join("#door");
      await boss.join("#other");
      const listener = await listening(account);
      await boss.until(({ command, from }) => command === "JOIN" && from.startsWith("guest-bot!"));
      boss.say("KICK #door guest-bot :too loud");
      const left = await until(() => listener.inbox.events.find(({ kind }) => kind === "membership"));
      assert.ok(left.kind === "membership" && left.change === "left" && left.chat.id === "#door" && !left.sender.self);
      assert.match(listener.inbox.troubles.get("#door")?.message ?? "", /host threw us out of #door: too loud/);
      const outcome = await irc.send(account, outbound({ id: "#door", kind: "group" }, "x"), never);
      assert.ok(outcome.kind === "refused" && outcome.code === "channel-gone");
      const from = boss.heard.length;
      boss.say("INVITE guest-bot #other", "INVITE guest-bot #door");
      await boss.until(
        ({ command, params, from: who }) => command === "JOIN" && who.startsWith("guest-bot!") && params[0] === "#door",
        from,
      );
      assert.ok(
        !boss.heard.some(({ command, params, from: who }) => command === "JOIN" && who.startsWith("guest-bot!") && params[0] === "#other"),
      );
      await until(() => (listener.inbox.troubles.get("#door") === undefined ? true : undefined));
      await listener.stop();
    });

    test("a channel that lets nobody in is a finding, the rest works", async () => {
      const boss = await server.person("keeper");
      await boss.join("#closed");
      await boss.ask("MODE #closed +i", "MODE");
      const listener = await listening(open({ nick: "knocker", channels: ["#closed", "#open"] }));
      const why = await until(() => listener.inbox.troubles.get("#closed"));
      assert.equal(why.code, "channel-gone");
      await boss.join("#open");
      await until(async () =>
        (await boss.ask("NAMES #open", "366")).some(({ params }) => params.at(-1)?.includes("knocker")) ? true : undefined,
      );
      await listener.stop();
    });

    test("a nick in use: it goes by another, and hears both", async () => {
      const taken = await server.person("wanted");
      await taken.join("#names");
      const account = open({ nick: "wanted", channels: ["#names"] });
      assert.equal(((await irc.probe(account, never)) as { value?: { name: string } }).value?.name, "wanted_");
      const listener = await listening(account);
      await taken.until(({ command, from }) => command === "JOIN" && from.startsWith("wanted_!"));
      taken.say("PRIVMSG #names :wanted_: one", "PRIVMSG #names :wanted: two");
      assert.deepEqual([(await heard(listener, "one")).addressed, (await heard(listener, "two")).addressed], [true, true]);
      await listener.stop();
    });

    if (modern) {
      test("logging in by certificate, and by NickServ; a wrong password there", async (t) => {
        const folder = await mkdtemp(join(tmpdir(), "polylogue-irc-"));
        t.after(() => rm(folder, { recursive: true, force: true }));
        const own = await makeCertificate(folder, "client");
        const tls = { port: Number(new URL(server.tls).port), cert: own.certificate, key: own.key };
        const keeper = await server.person("certified", { register: "certified-password", tls });
        keeper.say("NICKSERV CERT ADD");
        await keeper.until(({ command, params }) => command === "NOTICE" && /added/i.test(params[1] ?? ""));
        const byCertificate = open({
          nick: "cert-bot",
          user: "certified",
          password: undefined,
          certificate: `${own.certificate}\n${own.key}`,
        });
        assert.deepEqual(await irc.probe(byCertificate, never), { ok: true, value: { id: "certified", name: "cert-bot" } });
        const byService = open({ nick: "ns-bot", login: "nickserv" });
        assert.deepEqual(await irc.probe(byService, never), { ok: true, value: { id: "polly", name: "ns-bot" } });
        const wrong = await irc.probe(open({ nick: "ns-bot2", login: "nickserv", password: "another-one" }), never);
        assert.ok(!wrong.ok && wrong.fault.code === "channel-auth", JSON.stringify(wrong));
      });

      test("replies and reactions by the server's ids, and what was said while nobody listened", async () => {
        const account = open({ nick: "rememberer", channels: ["#past"] });
        const caps = ["message-tags", "server-time", "echo-message"];
        const ada = await server.person("historian", { caps });
        await ada.join("#past");
        await ada.ask("MODE #past +H 50:1d", "MODE");
        ada.say("PRIVMSG #past :before it came");
        const first = await listening(account);
        await ada.until(({ command, from }) => command === "JOIN" && from.startsWith("rememberer!"));
        ada.say("PRIVMSG #past :while it was there");
        const message = await heard(first, "while it was there");
        ada.say(
          `@+draft/reply=${message.platformId} PRIVMSG #past :an answer`,
          `@+draft/reply=${message.platformId};+draft/react=👍 TAGMSG #past`,
        );
        assert.equal((await heard(first, "an answer")).replyTo, message.platformId);
        const reacted = await until(() => first.inbox.events.find(({ kind }) => kind === "reaction"));
        assert.ok(reacted.kind === "reaction" && reacted.platformId === message.platformId && reacted.reactions[0] === "👍");
        assert.equal(await irc.react?.(account, { chat: message.chat, platformId: message.platformId, reaction: "🎉" }, never), undefined);
        await ada.until(({ raw }) => raw.includes(`+draft/react=🎉`) && raw.includes(message.platformId));
        assert.equal((await irc.send(account, outbound(message.chat, "replied", { replyTo: message.platformId }), never)).kind, "sent");
        await ada.until(({ raw }) => raw.includes(`+draft/reply=${message.platformId}`) && raw.includes("replied"));
        await first.stop();
        const { cursor } = first.inbox;
        assert.ok(cursor);
        for (let index = 0; index < 20; index++) ada.say(`PRIVMSG #past :missed ${index}`);
        await ada.until(({ params }) => params[1] === "missed 19");
        const again = await listening(open({ nick: "rememberer", channels: ["#past"] }), cursor);
        await heard(again, "missed 19");
        const fresh = again.inbox.texts().filter((text) => !first.inbox.texts().includes(text));
        assert.deepEqual(
          fresh,
          Array.from({ length: 20 }, (_, index) => `missed ${index}`),
        );
        assert.ok(!again.inbox.texts().includes("before it came") && !first.inbox.texts().includes("before it came"));
        await again.stop();
      });

      test("banned from the network: the account is refused, not hammered", async () => {
        const listener = await listening(open({ nick: "outlaw", server: server.plain }));
        const oper = await server.person("sheriff");
        await until(async () => ((await oper.ask("WHOIS outlaw", "318")).some(({ command }) => command === "311") ? true : undefined));
        await oper.ask("OPER oper oper-password", "381");
        oper.say("KILL outlaw :begone");
        assert.equal((await listener.ended)?.code, "channel-retry");
        const again = await listening(open({ nick: "outlaw", server: server.plain }));
        oper.say("GLINE outlaw@* 1h :begone");
        const banned = await again.ended;
        assert.ok(banned?.code === "channel-permanent" && banned.message.includes("begone"), JSON.stringify(banned));
        const probed = await irc.probe(open({ nick: "outlaw", server: server.plain }), never);
        assert.ok(!probed.ok && probed.fault.code === "channel-permanent", JSON.stringify(probed));
      });
    }
  });
}

function wordsOf({ parts }: MessageEvent): string {
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}

async function until<Value>(look: () => Value | undefined | Promise<Value | undefined>): Promise<Value> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
