import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { openAccount, systemClock, type TestAccount } from "../../../test/contract/account.ts";
import { channelContract, outbound, type Platform, TestInbox } from "../../../test/contract/channel.ts";
import { type IrcFault, type IrcSimulator, startIrcSimulator } from "../../../test/simulators/irc.ts";
import type { Chat } from "../../core/event.ts";
import { parseMarkdown } from "../../core/markdown.ts";
import { ircLines, stripIrc } from "../../dialects/irc.ts";
import { answerCtcp } from "../../wires/irc/ctcp.ts";
import { fold, formatLine, parseLine, withTags } from "../../wires/irc/line.ts";
import { decode, type Facts } from "./decode.ts";
import irc from "./index.ts";
import type { Settings } from "./settings.ts";

const never = new AbortController().signal;
const password = "a very secret services password";
const kitchen: Chat = { id: "#kitchen", kind: "group", title: "#kitchen" };
/** What the better servers have. */
const modern = ["message-tags", "server-time", "account-tag", "echo-message", "labeled-response", "batch", "draft/chathistory", "sasl"];
const violations: string[] = [];
after(() => assert.deepEqual(violations, [], "what breaks the protocol"));

interface IrcPlatform extends Platform {
  readonly simulator: IrcSimulator;
}

const platformWith = (caps: readonly string[]) => async (): Promise<IrcPlatform> => {
  const simulator = await startIrcSimulator();
  simulator.caps = caps.filter((cap) => cap !== "sasl");
  if (caps.includes("sasl")) simulator.accounts.set("polly", password);
  else simulator.password = password;
  simulator.people.set("ada", { mask: "ada@example.test", account: "Ada" });
  const secret = caps.includes("sasl") ? { password } : { serverPassword: password };
  return {
    simulator,
    settings: { server: `irc://127.0.0.1:${simulator.port}`, nick: "polly", channels: ["#kitchen"], lineMs: 0, ...secret },
    account: { identity: { id: "polly", name: "polly" } },
    chat: kitchen,
    seen: () => simulator.seen.map(({ text }) => text),
    say: (text) => simulator.sayOnceHeard("ada", "#kitchen", text),
    cut: () => simulator.cutAll(),
    revoke: () => {
      simulator.accounts.set("polly", "another");
      if (simulator.password !== undefined) simulator.password = "another";
      simulator.cutAll();
    },
    async close() {
      violations.push(...simulator.violations);
      await simulator.close();
    },
  };
};

const meets = (on: string, what: IrcFault["what"]) => (one: Platform) => void (one as IrcPlatform).simulator.faults.push({ on, what });

for (const caps of [modern, []]) {
  describe(caps.length > 0 ? "with all of IRCv3 that it has" : "with nothing of IRCv3", () => {
    channelContract(irc, {
      platform: platformWith(caps),
      // What is said while it is away is lost on a server without CHATHISTORY, as docs/channels/irc.md says.
      ...(caps.length > 0 ? {} : { without: ["reconnected", "restarted"] }),
      secrets: [password, Buffer.from(`polly\0polly\0${password}`).toString("base64")],
      refusedSettings: {
        "the nick is missing": { server: "ircs://x" },
        "the server is of another kind": { server: "https://x", nick: "polly" },
        "the server's address holds a password": { server: "ircs://u:p@x", nick: "polly" },
        "a password would go unencrypted": { server: "irc://irc.example.com", nick: "polly", password },
        "the nick is none": { server: "ircs://x", nick: "two words" },
        "a channel is none": { server: "ircs://x", nick: "polly", channels: ["kitchen"] },
        "a channel holds a line": { server: "ircs://x", nick: "polly", channels: ["#a\r\nQUIT"] },
      },
      failures: {
        "a void password is refused": { arrange: (p) => p.revoke?.(), expect: "refused", code: "channel-auth" },
        "a channel that bans us is gone": {
          arrange: (p) => void (p as IrcPlatform).simulator.closed.set("#kitchen", "474"),
          expect: "refused",
          code: "channel-gone",
        },
        "a moderated channel is permanent": {
          arrange: meets("PRIVMSG", "404 {target} :Cannot send to channel (+m)"),
          expect: "refused",
          code: "channel-permanent",
        },
        "a limit is tried again": {
          arrange: meets("PRIVMSG", "439 {target} :Target change too fast"),
          expect: "retry",
          code: "channel-retry",
        },
        "cut before the message certainly wasn't sent": {
          arrange: meets("JOIN", "cut"),
          expect: "retry",
          code: "channel-unreachable",
        },
        "cut before the effect is unknown": { arrange: meets("PRIVMSG", "cut"), expect: "unknown", code: "channel-unknown" },
        "accepted, then cut is unknown": { arrange: meets("PRIVMSG", "do-and-cut"), expect: "unknown", seen: 1 },
      },
    });
  });
}

async function withAccount(
  run: (account: TestAccount<Settings>, simulator: IrcSimulator) => Promise<void>,
  { caps = modern, settings = {}, clock = systemClock }: { caps?: readonly string[]; settings?: object; clock?: typeof systemClock } = {},
): Promise<void> {
  const stand = await platformWith(caps)();
  const account = openAccount(irc, { ...(stand.settings as object), ...settings }, { ...stand.account, clock });
  try {
    await run(account, stand.simulator);
  } finally {
    await account.close();
    await stand.close();
  }
}

async function listenFor(account: TestAccount<Settings>, inbox: TestInbox, end: AbortController): Promise<void> {
  assert.equal(await irc.listen?.(account, inbox, end.signal), undefined);
}

function inboxFor(wanted: number): { readonly inbox: TestInbox; readonly end: AbortController } {
  const end = new AbortController();
  return { inbox: new TestInbox(end, wanted), end };
}

describe("irc: on a connection", () => {
  test("what the server kept is fetched page by page from where the cursor is, and nothing older", () =>
    withAccount(async (account, simulator) => {
      const first = inboxFor(1);
      simulator.say("ada", "#kitchen", "before it came");
      simulator.coming.push({ nick: "ada", target: "#kitchen", text: "heard" });
      await listenFor(account, first.inbox, first.end);
      for (let index = 0; index < 7; index++) simulator.say("ada", "#kitchen", `missed ${index}`);
      const again = openAccount(irc, account.settings, { identity: { id: "polly", name: "polly" } });
      const { inbox, end } = inboxFor(8);
      inbox.cursor = first.inbox.cursor;
      simulator.coming.push({ nick: "ada", target: "#kitchen", text: "live" });
      await listenFor(again, inbox, end);
      await again.close();
      const texts = inbox.texts().filter((text) => text !== "heard");
      assert.deepEqual(texts.toSorted(), ["live", ...Array.from({ length: 7 }, (_, index) => `missed ${index}`)]);
      assert.ok(!first.inbox.texts().includes("before it came"));
      assert.ok(simulator.received.filter((line) => line.includes("CHATHISTORY")).length >= 3, "in pages");
    }));

  test("what is said right behind its coming isn't missed when it is killed before anything is stored", () =>
    withAccount(async (account, simulator) => {
      const first = inboxFor(1);
      first.inbox.refuseNext = true;
      simulator.coming.push({ nick: "ada", target: "#kitchen", text: "said at once" });
      const refused = await irc.listen?.(account, first.inbox, first.end.signal);
      assert.deepEqual([refused?.code, first.inbox.texts()], ["store-unavailable", []]);
      await account.close();
      const again = openAccount(irc, account.settings, { identity: { id: "polly", name: "polly" } });
      const { inbox, end } = inboxFor(1);
      inbox.cursor = first.inbox.cursor;
      await listenFor(again, inbox, end);
      await again.close();
      assert.deepEqual(inbox.texts(), ["said at once"]);
    }));

  test("what the store refused is kept, also when the connection is lost meanwhile", () =>
    withAccount(async (account, simulator) => {
      const { inbox, end } = inboxFor(2);
      inbox.refuseNext = true;
      simulator.coming.push({ nick: "ada", target: "#kitchen", text: "one" }, { nick: "ada", target: "#kitchen", text: "two" });
      const refused = await irc.listen?.(account, inbox, end.signal);
      assert.equal(refused?.code, "store-unavailable");
      simulator.cutAll();
      for (let round = 0; round < 5 && !end.signal.aborted; round++) await irc.listen?.(account, inbox, end.signal);
      assert.deepEqual(inbox.texts(), ["one", "two"]);
    }));

  test("probe, listen and send share one connection, and a probe leaves no second one", () =>
    withAccount(async (account, simulator) => {
      assert.ok((await irc.probe(account, never)).ok);
      const { inbox, end } = inboxFor(1);
      const listening = listenFor(account, inbox, end);
      assert.equal((await irc.send(account, outbound(kitchen, "x"), never)).kind, "sent");
      assert.ok((await irc.probe({ ...account }, never)).ok);
      simulator.say("ada", "polly", "enough");
      await listening;
      assert.equal(simulator.received.filter((line) => line.startsWith("USER")).length, 1);
    }));

  test("what the server refuses of something else meanwhile is no refusal of the message", () =>
    withAccount(
      async (account, simulator) => {
        simulator.before = (command) => {
          if (command === "PRIVMSG") simulator.announce(":irc.test 401 polly somebody :No such nick/channel");
        };
        assert.equal((await irc.send(account, outbound(kitchen, "x"), never)).kind, "sent");
      },
      { caps: [] },
    ));

  test("lines keep the server's pace: five at once, then the message is handed back until there is room", () =>
    withAccount(
      async (account) => {
        // JOIN, three messages of four lines: the clock stands still, so nothing is paid back.
        const four = outbound(kitchen, "a\nb\nc\nd");
        assert.equal((await irc.send(account, four, never)).kind, "sent");
        const late = await irc.send(account, outbound(kitchen, "a\nb\nc\nd"), never);
        assert.ok(late.kind === "retry" && late.scope === "account" && (late.afterMs ?? 0) > 15_000, JSON.stringify(late));
      },
      { settings: { lineMs: 10_000 }, clock: { ...systemClock, elapsed: () => 0 } },
    ));

  test("a direct answer asks who has the nick once that is no longer fresh", async () => {
    let later = 0;
    const clock = { ...systemClock, elapsed: () => performance.now() + later };
    await withAccount(
      async (account, simulator) => {
        const chat: Chat = { id: "ada", kind: "direct", title: "ada" };
        assert.equal((await irc.send(account, outbound(chat, "x"), never)).kind, "sent");
        later = 120_000;
        simulator.people.set("ada", { mask: "ada@example.test", account: "mallory" });
        const kept = await irc.send(account, outbound(chat, "y"), never);
        assert.ok(kept.kind === "refused" && kept.code === "channel-gone");
        assert.deepEqual(
          simulator.seen.map(({ text }) => text),
          ["x"],
        );
      },
      { clock },
    );
  });

  test("who is let in and thrown out at once is told that, and by whom", () =>
    withAccount(
      async (account, simulator) => {
        simulator.hostile.add("#door");
        const outcome = await irc.send(account, outbound({ id: "#door", kind: "group" }, "x"), never);
        assert.ok(outcome.kind === "refused" && outcome.code === "channel-gone");
        assert.match(outcome.message, /host threw us out of #door: too loud/);
      },
      { caps: [] },
    ));

  test("a server that promised SASL and has none lets nobody in unknown", () =>
    withAccount(
      async (account) => {
        const found = await irc.probe(account, never);
        assert.ok(!found.ok && found.fault.code === "channel-retry");
      },
      { caps: [], settings: { password, serverPassword: password } },
    ));
});

const facts: Facts = {
  ...{ nick: "Polly", names: ["Polly", "polly[x]"], home: new Set<string>(), now: 7, key: "k:1" },
  support: new Map([["CASEMAPPING", "rfc1459"]]),
  caps: new Set(["message-tags", "server-time", "account-tag"]),
};
const heard = (raw: string, more: Partial<Facts> = {}) => {
  const line = parseLine(raw);
  assert.ok(line, raw);
  return decode(line, { ...facts, ...more });
};

describe("irc: decoding", () => {
  test("a message, with who it is and when", () => {
    assert.deepEqual(heard("@account=Ada;msgid=m1;time=2026-11-27T00:00:00.000Z;+draft/reply=m0 :ada!u@h PRIVMSG #K[x] :polly: hi"), {
      ...{ kind: "message", key: "m1", platformId: "m1", at: Date.UTC(2026, 10, 27), addressed: true, replyTo: "m0" },
      chat: { id: "#k{x}", kind: "group", title: "#K[x]" },
      sender: { id: "ada", name: "ada", handle: "ada!u@h (Ada)", bot: false, self: false },
      parts: [{ type: "text", text: "hi", markup: "plain" }],
    });
  });

  test("tags that weren't agreed on prove nothing", () => {
    const event = heard("@account=admin;msgid=forged :ada!u@h PRIVMSG polly :hi", { caps: new Set() });
    assert.deepEqual([event?.sender.id, event?.key, event?.at], ["unproven:ada!u@h", "k:1", 7]);
    assert.equal(heard("@account=unproven:x :ada!u@h PRIVMSG polly :hi")?.sender.id, "unproven:ada!u@h");
  });

  const mentions: [text: string, addressed: boolean, words: string][] = [
    ["polly: hi", true, "hi"],
    ["POLLY, hi", true, "hi"],
    ["polly{x}: hi", true, "hi"],
    ["hi polly", true, "hi polly"],
    ["@polly hi", true, "@polly hi"],
    ["polly's", true, "polly's"],
    ["pollyanna: hi", false, "pollyanna: hi"],
    ["polly_: hi", false, "polly_: hi"],
    ["hi", false, "hi"],
  ];
  for (const [text, addressed, words] of mentions) {
    test(`addressed: ${text}`, () => {
      const event = heard(`:ada!u@h PRIVMSG #k :${text}`);
      assert.ok(event?.kind === "message");
      assert.deepEqual([event.addressed, event.parts], [addressed, [{ type: "text", text: words, markup: "plain" }]]);
    });
  }

  test("what is nobody's message", () => {
    for (const raw of [
      ":irc.test NOTICE polly :hello",
      ":NickServ!s@services NOTICE polly :You are now identified",
      ":Polly!p@h PRIVMSG #k :our own",
      ":ada!u@h PRIVMSG somebody :else's",
      ":ada!u@h PRIVMSG polly :\u0001VERSION\u0001",
      ":ada!u@h PRIVMSG polly :\u0001DCC SEND x 1 2 3\u0001",
      ":ada!u@h PRIVMSG polly :\u0002\u000f",
      ":ada!u@h TAGMSG #k",
      ":ada!u@h JOIN #k",
      ":ada!u@h QUIT :one.example two.example",
      ":ada!u@h PRIVMSG",
      "PING :x",
    ])
      assert.equal(heard(raw), undefined, raw);
  });

  test("reactions, redactions, bots, and what happens to us", () => {
    const reaction = heard("@+draft/react=👍;+draft/reply=m1 :ada!u@h TAGMSG #k");
    assert.ok(reaction?.kind === "reaction" && reaction.platformId === "m1" && reaction.reactions[0] === "👍");
    const redacted = heard(":ada!u@h REDACT #k m1 :oops");
    assert.ok(redacted?.kind === "delete" && redacted.platformId === "m1");
    assert.equal(heard("@bot :ada!u@h PRIVMSG #k :beep")?.sender.bot, true);
    assert.equal(heard(":ada!u@h NOTICE #k :beep")?.sender.bot, true);
    const kicked = heard(":ada!u@h KICK #k Polly :out");
    assert.ok(kicked?.kind === "membership" && kicked.change === "left" && !kicked.sender.self);
    assert.equal(heard(":ada!u@h KICK #k bob :out"), undefined);
    assert.equal((heard(":Polly!p@h JOIN #k") as { change?: string }).change, "joined");
    assert.equal(heard(":Polly!p@h JOIN #k", { home: new Set(["#k"]) }), undefined);
  });

  test("hostile lines are nothing or words, never a throw", () => {
    const strange = ["", ":", ": ", "@", "@;=;", "@a=\\", ":!@", ":a!b@c", "\u0000", "x".repeat(5_000), "🧨", " : : :"];
    for (const one of strange)
      for (const two of strange) {
        for (const raw of [`${one}${two}`, `${one} ${two}`, `@${one} :${two} PRIVMSG ${one} :${two}`, `:a!b@c PRIVMSG #k :${one}${two}`]) {
          const line = parseLine(raw);
          if (line) decode(line, facts);
        }
        answerCtcp(`\u0001${one}${two}\u0001`);
      }
    assert.equal(answerCtcp("\u0001__proto__\u0001"), undefined);
  });
});

describe("irc: lines", () => {
  test("nothing in a parameter ends the line or begins another", () => {
    assert.equal(formatLine("PRIVMSG", "#k", "a\r\nQUIT :b"), "PRIVMSG #k :a  QUIT :b");
    assert.equal(formatLine("PRIVMSG", "#k", ":)"), "PRIVMSG #k ::)");
    assert.throws(() => formatLine("PRIVMSG", "#k b", "x"));
    assert.equal(withTags({ "+x": "a; b\\\r\n" }, "X"), "@+x=a\\:\\sb\\\\\\r\\n X");
    assert.deepEqual([...(parseLine("@+x=a\\:\\sb\\\\\\r\\n X")?.tags ?? [])], [["+x", "a; b\\\r\n"]]);
  });

  test("names are folded as the server says", () => {
    const mapping = (name: string) => new Map([["CASEMAPPING", name]]);
    assert.deepEqual(
      ["ascii", "rfc1459", "rfc1459-strict", "precis"].map((name) => fold("A[~]\\Ä", mapping(name))),
      ["a[~]\\Ä", "a{^}|Ä", "a{~}|Ä", "a[~]\\ä"],
    );
  });

  const shown = (markdown: string) => irc.dialect.render(parseMarkdown(markdown)).text;
  test("Markdown becomes codes, begun anew on each line; codes in the text are none", () => {
    for (const [markdown, text] of [
      ["**a *b* c**", "\u0002a \u001db\u001d c\u0002"],
      ["# T **x** y", "\u0002T x y\u0002"],
      ["**a\nb**", "\u0002a\n\u0002b\u0002"],
      ["~~s~~ `c`", "\u001es\u001e \u0011c\u0011"],
      ["[a](https://b.c/) https://d.e/", "a (https://b.c/) https://d.e/"],
      ["> q\n> r", "> q\n> r"],
      ["a\n\n\n\nb", "a\nb"],
      ["```\nx\ty\n\nz\n```", "\u0011x  y\n\u0011z\u0011"],
      ["a\u0003b\u0001c\u0002", "a\ufffdb\ufffdc\ufffd"],
    ] as const)
      assert.equal(shown(markdown), text, markdown);
  });

  test("long lines are cut at blanks, else between graphemes, and stay bold", () => {
    const words = "word ".repeat(100).trim();
    const cut = ircLines(`\u0002${words}\u0002`, 60);
    assert.ok(cut.every((line) => Buffer.byteLength(line) <= 60 && line.startsWith("\u0002") && !line.includes("wor\n")));
    assert.equal(cut.map(stripIrc).join(" "), words);
    const families = "👨‍👩‍👧‍👦".repeat(9);
    const pieces = ircLines(families, 60);
    assert.equal(pieces.join(""), families);
    assert.ok(pieces.every((piece) => /^(?:👨‍👩‍👧‍👦)+$/u.test(piece)));
  });

  test("colours and their numbers go", () =>
    assert.equal(stripIrc("\u000304,12red\u0003 12 \u0004ff0000x\u0004 \u001di\u000f"), "red 12 x i"));
});
