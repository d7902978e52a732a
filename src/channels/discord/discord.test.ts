import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { after, describe, test } from "node:test";
import { openAccount, systemClock, type TestAccount } from "../../../test/contract/account.ts";
import { channelContract, outbound, type Platform, TestInbox } from "../../../test/contract/channel.ts";
import { type DiscordSimulator, description, startDiscordSimulator } from "../../../test/simulators/discord.ts";
import type { WebhookRequest } from "../../core/channel.ts";
import type { Clock } from "../../core/clock.ts";
import type { Chat } from "../../core/event.ts";
import type { FilePart } from "../../core/message.ts";
import { timeOf } from "./decode.ts";
import discord from "./index.ts";
import type { Settings } from "./settings.ts";

const direct: Chat = { id: "600000000000000001", kind: "direct" };
const ann = "500000000000000001";
const general = "800000000000000001";
const never = new AbortController().signal;
const now = 1_790_000_000_000;
const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const hexKey = Buffer.from(publicKey.export({ format: "jwk" }).x as string, "base64url").toString("hex");

test("the simulator checks against the published description", { skip: description.missing }, () => {
  const call = { method: "POST", headers: { "content-type": "application/json" }, body: '{"content":1}' };
  assert.match(description.violation({ ...call, url: "/channels/1/messages" }) ?? "", /content/);
  assert.match(description.violation({ ...call, url: "/nowhere" }) ?? "", /no such operation/);
});

const violations: string[] = [];
after(() => assert.deepEqual(violations, [], "calls that break the description of the API"));

interface DiscordPlatform extends Platform {
  readonly simulator: DiscordSimulator;
}

async function platform(): Promise<DiscordPlatform> {
  const simulator = await startDiscordSimulator();
  simulator.channel(direct.id);
  return {
    simulator,
    settings: { botToken: simulator.token, apiRoot: simulator.url },
    account: { identity: { id: simulator.bot, name: "@polylogue" }, clock: { ...systemClock, now: () => now } },
    chat: direct,
    seen: () => simulator.seen(direct.id).map(({ content }) => content),
    read: (text) => text.replace(/\\([\W_])/g, "$1"),
    say: (text) => void simulator.say(direct.id, ann, text),
    revoke: () => simulator.revoke(),
    cut: () => simulator.disturb("cut"),
    violations: simulator.violations,
    async close() {
      violations.push(...simulator.violations);
      await simulator.close();
    },
  };
}

const of = (one: Platform) => (one as DiscordPlatform).simulator;

function posted(json: unknown, seconds = now / 1000, key = privateKey): WebhookRequest {
  const body = Buffer.from(typeof json === "string" ? json : JSON.stringify(json));
  const signature = sign(null, Buffer.concat([Buffer.from(String(seconds)), body]), key).toString("hex");
  return {
    method: "POST",
    url: "/hooks/test-account",
    headers: { "x-signature-ed25519": signature, "x-signature-timestamp": String(seconds) },
    body,
  };
}

const interactionId = "1550000000000000000";
const person = { id: ann, username: "ann", global_name: "Ann" };
const sender = { id: ann, name: "Ann", handle: "@ann", bot: false, self: false };
const base = {
  id: interactionId,
  application_id: "1",
  token: "interaction-token",
  version: 1,
  channel_id: direct.id,
  channel: { id: direct.id, type: 1 },
  user: person,
};
/** https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object-interaction-structure */
const press = { ...base, type: 3, message: { id: "1550000000000000001" }, data: { custom_id: "token-1", component_type: 2 } };
const command = { ...base, type: 2, data: { id: "2", name: "ask", type: 1, options: [{ name: "what", type: 3, value: "is this?" }] } };

channelContract(discord, {
  platform,
  secrets: ["MTk4.TEST.abcdefghijklmnopqrstuvwxyz0123456789"],
  refusedSettings: {
    "the token is missing": {},
    "the key is none": { botToken: "x", publicKey: "abc" },
    "no shard": { botToken: "x", shards: 0 },
  },
  webhookSettings: { publicKey: hexKey },
  webhookKey: "publicKey",
  webhooks: {
    ping: { request: posted({ type: 1 }), expect: [] },
    "a press": {
      request: posted(press),
      expect: [
        {
          kind: "press",
          key: interactionId,
          chat: direct,
          sender,
          at: timeOf(interactionId),
          token: "token-1",
          platformId: "1550000000000000001",
        },
      ],
    },
    "a slash command": {
      request: posted(command),
      expect: [
        {
          kind: "message",
          key: interactionId,
          chat: direct,
          sender,
          at: timeOf(interactionId),
          platformId: interactionId,
          parts: [{ type: "text", text: "/ask is this?", markup: "plain" }],
          addressed: true,
        },
      ],
    },
    "a forged signature": { request: posted(press, now / 1000, generateKeyPairSync("ed25519").privateKey), expect: "signature-invalid" },
    "another body": { request: { ...posted(press), body: Buffer.from("{}") }, expect: "signature-invalid" },
    "a signature cut short": {
      request: { ...posted(press), headers: { ...posted(press).headers, "x-signature-ed25519": "ab" } },
      expect: "signature-invalid",
    },
    "no signature": { request: { ...posted(press), headers: {} }, expect: "signature-missing" },
    "too old": { request: posted(press, now / 1000 - 400), expect: "signature-stale" },
    "no JSON": { request: posted("{"), expect: "body-malformed" },
    "no interaction": { request: posted({ hello: 1 }), expect: "payload-unknown" },
  },
  failures: {
    "429 of the route": { arrange: (p) => of(p).arrange({ kind: "limit", seconds: 1.5 }), expect: "retry", code: "channel-retry" },
    "a void token is refused": { arrange: (p) => of(p).revoke(), expect: "refused", code: "channel-auth" },
    "a person who takes no messages is gone": {
      arrange: (p) => of(p).arrange({ kind: "refuse", status: 403, code: 50_007 }),
      expect: "refused",
      code: "channel-gone",
    },
    "a body that Discord refuses": {
      arrange: (p) => of(p).arrange({ kind: "refuse", status: 400, code: 50_035 }),
      expect: "refused",
      code: "channel-permanent",
    },
    "502 is unknown": { arrange: (p) => of(p).arrange({ kind: "proxy", status: 502 }), expect: "unknown" },
    "502 after the effect is unknown": {
      arrange: (p) => of(p).arrange({ kind: "proxy", status: 502, after: true }),
      expect: "unknown",
      seen: 1,
    },
    "an unreadable 200 is unknown": {
      arrange: (p) => of(p).arrange({ kind: "proxy", status: 200, after: true }),
      expect: "unknown",
      seen: 1,
    },
    "a proxy that refuses did nothing": { arrange: (p) => of(p).arrange({ kind: "proxy", status: 407 }), expect: "retry" },
    "accepted, then dropped is unknown": { arrange: (p) => of(p).arrange({ kind: "cut", after: true }), expect: "unknown", seen: 1 },
  },
});

/** An account on a fresh simulator, both closed at the end. */
async function withAccount(
  run: (account: TestAccount<Settings>, simulator: DiscordSimulator) => Promise<void>,
  more: { settings?: object; files?: Record<string, Uint8Array>; clock?: Clock } = {},
): Promise<void> {
  const stand = await platform();
  const { settings, ...options } = more;
  const account = openAccount(discord, { ...(stand.settings as object), ...settings }, { ...stand.account, ...options });
  try {
    await run(account, stand.simulator);
    assert.ok(!account.lines.join().includes(stand.simulator.token), "the token is in the log");
  } finally {
    await account.close();
    await stand.close();
  }
}

describe("discord: sending", () => {
  test("nobody is mentioned, previews are off, buttons and replies stand", () =>
    withAccount(async (account, simulator) => {
      const buttons = [
        [
          { label: "Yes", value: "y", token: "t0" },
          { label: "Page", value: "", url: "https://x.test/", token: "t1" },
        ],
      ];
      const sent = await discord.send(account, outbound(direct, "@everyone", { buttons, replyTo: "77" }), never);
      assert.ok(sent.kind === "sent");
      const json = simulator.seen(direct.id)[0]?.json;
      assert.deepEqual(json?.allowed_mentions, { parse: [] });
      assert.equal(json?.flags, 4);
      assert.deepEqual(json?.message_reference, { message_id: "77", fail_if_not_exists: false });
      assert.deepEqual(json?.components, [
        {
          type: 1,
          components: [
            { type: 2, style: 2, label: "Yes", custom_id: "t0" },
            { type: 2, style: 5, label: "Page", url: "https://x.test/" },
          ],
        },
      ]);
      await discord.edit?.(account, { ...outbound(direct, "Done"), receipt: sent.receipt }, never);
      assert.deepEqual(simulator.seen(direct.id)[0]?.json.components, []);
    }));

  test("into a thread, and only to ids of Discord's", () =>
    withAccount(async (account, simulator) => {
      simulator.channel("810000000000000001", false, general);
      const chat: Chat = { id: general, thread: "810000000000000001", kind: "group" };
      assert.equal((await discord.send(account, outbound(chat, "here"), never)).kind, "sent");
      assert.equal(simulator.seen("810000000000000001").length, 1);
      assert.equal((await discord.send(account, outbound({ id: "../users/@me", kind: "group" }, "x"), never)).kind, "refused");
    }));

  test("a global limit is the account's, a route's the conversation's", () =>
    withAccount(async (account, simulator) => {
      for (const [global, scope] of [
        [true, "account"],
        [false, "conversation"],
      ] as const) {
        simulator.arrange({ kind: "limit", seconds: 1.5, global });
        const outcome = await discord.send(account, outbound(direct, "x"), never);
        assert.ok(outcome.kind === "retry");
        assert.deepEqual([outcome.afterMs, outcome.scope], [1500, scope]);
      }
    }));

  test("several files in one message", () =>
    withAccount(
      async (account, simulator) => {
        const source = { at: "store", id: "fl_1" as never, mediaType: "image/png", size: 2 } as const;
        const file: FilePart = { type: "image", source, name: "../a.png" };
        const sent = await discord.send(account, outbound(direct, "look", { file, album: [{ type: "image", source }] }), never);
        assert.equal(sent.kind, "sent", JSON.stringify(sent));
        assert.deepEqual(simulator.seen(direct.id)[0]?.files, ["a.png", "image.png"]);
        const large = { ...file, source: { ...source, size: 10_000_001 } };
        assert.equal((await discord.send(account, outbound(direct, "", { file: large }), never)).kind, "refused");
      },
      { files: { fl_1: new Uint8Array([1, 2]) } },
    ));

  test("takes back, reacts and types", () =>
    withAccount(async (account, simulator) => {
      const platformId = simulator.say(direct.id, ann, "hi");
      const ours = () => [...(simulator.channel(direct.id).messages.get(platformId)?.reactions ?? [])];
      for (const reaction of ["👀", "👀", "❤️"])
        assert.equal(await discord.react?.(account, { chat: direct, platformId, reaction }, never), undefined);
      assert.deepEqual(ours(), ["❤️"]);
      assert.equal(await discord.react?.(account, { chat: direct, platformId }, never), undefined);
      assert.deepEqual(ours(), []);
      const sent = await discord.send(account, outbound(direct, "oops"), never);
      assert.ok(sent.kind === "sent");
      for (let time = 0; time < 2; time++)
        assert.equal(await discord.delete?.(account, { chat: direct, receipt: sent.receipt }, never), undefined);
      await discord.typing?.(account, direct, never);
      assert.ok(simulator.calls.includes(`POST /channels/${direct.id}/typing`));
    }));

  test("attachments are fetched from Discord's own servers only, without the token", () =>
    withAccount(async (account, simulator) => {
      const good = await discord.locateFile?.(account, "https://cdn.discordapp.com/attachments/1/2/a.png?ex=1", never);
      assert.ok(good?.ok && good.value.trust === "public" && good.value.headers === undefined);
      assert.ok((await discord.locateFile?.(account, `${new URL(simulator.url).origin}/cdn/a`, never))?.ok);
      for (const evil of ["https://evil.test/a", "http://cdn.discordapp.com/a", "https://cdn.discordapp.com.evil.test/a", "x"]) {
        assert.equal((await discord.locateFile?.(account, evil, never))?.ok, false, evil);
      }
    }));
});

describe("discord: the gateway", () => {
  const listening = (account: TestAccount<Settings>) => {
    const end = new AbortController();
    const inbox = new TestInbox(end, 99);
    return { inbox, end, done: discord.listen?.(account, inbox, end.signal) };
  };
  const until = async (what: () => boolean) => {
    while (!what()) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  for (const [name, how] of Object.entries({
    "a reconnect (op 7)": { op: 7 },
    "an invalid session that may be resumed": { op: 9, d: true },
    "a cut": "cut" as const,
    "an unknown error (4000)": { code: 4000 },
  })) {
    test(`${name} is resumed, and nothing is lost or told twice`, () =>
      withAccount(async (account, simulator) => {
        const { inbox, end, done } = listening(account);
        await until(() => simulator.identified.length === 1 && inbox.cursor !== undefined);
        simulator.say(direct.id, ann, "a");
        await until(() => inbox.events.length === 1);
        simulator.disturb(how);
        simulator.say(direct.id, ann, "b");
        await until(() => simulator.resumed === 1 && inbox.events.length === 2);
        assert.deepEqual(inbox.texts(), ["a", "b"]);
        assert.equal(simulator.identified.length, 1);
        end.abort();
        assert.equal(await done, undefined);
      }));
  }

  test("the next process goes on from the stored session", () =>
    withAccount(async (account, simulator) => {
      const first = listening(account);
      simulator.say(direct.id, ann, "a");
      await until(() => first.inbox.events.length === 1);
      first.end.abort();
      await first.done;
      simulator.say(direct.id, ann, "b");
      const second = listening(account);
      second.end.abort();
      await second.done;
      const third = new AbortController();
      const inbox = new TestInbox(third, 99);
      inbox.cursor = first.inbox.cursor;
      const done = discord.listen?.(account, inbox, third.signal);
      await until(() => inbox.events.length === 1);
      assert.deepEqual(inbox.texts(), ["b"]);
      third.abort();
      await done;
    }));

  test("a thread that wasn't heard of is asked for once; a command is answered at once", () =>
    withAccount(async (account, simulator) => {
      simulator.channel("810000000000000001", false, general);
      const { inbox, end, done } = listening(account);
      simulator.say("810000000000000001", ann, "a");
      simulator.say("810000000000000001", ann, "b");
      simulator.happen("INTERACTION_CREATE", command);
      simulator.happen("INTERACTION_CREATE", { ...press, id: "1550000000000000009" });
      await until(() => inbox.events.length === 4 && simulator.answered.length === 1);
      assert.deepEqual(inbox.events[0]?.chat, {
        id: general,
        thread: "810000000000000001",
        kind: "group",
        title: "name-810000000000000001",
      });
      assert.equal(simulator.calls.filter((one) => one === "GET /channels/810000000000000001").length, 1);
      assert.deepEqual(simulator.answered, [{ type: 4, data: { content: "/ask is this?", allowed_mentions: { parse: [] } } }]);
      const pressed = inbox.events[3];
      assert.ok(pressed?.kind === "press");
      await discord.acknowledgePress?.(account, pressed, never);
      assert.deepEqual(simulator.answered[1], { type: 6 });
      end.abort();
      await done;
    }));

  for (const [code, expected, words] of [
    [4004, "channel-auth", /botToken/],
    [4014, "account-invalid", /Message Content Intent/],
    [4011, "account-invalid", /shards/],
  ] as const) {
    test(`${code} needs a person, and says what to do`, () =>
      withAccount(async (account, simulator) => {
        simulator.refuseWith = code;
        const fault = await listening(account).done;
        assert.equal(fault?.code, expected);
        assert.match(fault.message, words);
      }));
  }

  /** Fifty times as fast. */
  const hurried: Clock = { ...systemClock, now: () => now, after: (ms, run) => systemClock.after(ms / 50, run) };

  test("a connection that answers no heartbeat is given up, and resumed", () =>
    withAccount(
      async (account, simulator) => {
        const { inbox, end, done } = listening(account);
        await until(() => inbox.cursor !== undefined);
        simulator.deaf = true;
        await until(() => simulator.resumed === 1);
        simulator.deaf = false;
        end.abort();
        assert.equal(await done, undefined);
      },
      { clock: hurried },
    ));

  test("a session that is over is begun anew, and said to be lost", () =>
    withAccount(
      async (account, simulator) => {
        const { inbox, end, done } = listening(account);
        await until(() => inbox.cursor !== undefined);
        simulator.disturb({ op: 9, d: false });
        await until(() => simulator.identified.length === 2);
        simulator.say(direct.id, ann, "a");
        await until(() => inbox.events.length === 1);
        assert.match(account.lines.join(), /discord-session-lost/);
        end.abort();
        assert.equal(await done, undefined);
      },
      { clock: hurried },
    ));

  test("a server that ends a session before it worked is left alone for a while", () =>
    withAccount(async (account, simulator) => {
      simulator.refuseWith = 4009;
      assert.equal((await listening(account).done)?.code, "channel-retry");
      assert.equal(simulator.identified.length, 1);
    }));

  test("identifies with the intents that the settings say", () =>
    withAccount(
      async (account, simulator) => {
        const { end, done } = listening(account);
        await until(() => simulator.identified.length === 1);
        const [{ intents, shard } = {}] = simulator.identified;
        assert.deepEqual([(intents as number) & (1 << 15), shard], [0, [0, 1]]);
        end.abort();
        await done;
      },
      { settings: { messageContent: false } },
    ));
});
