import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { after, describe, test } from "node:test";
import { openAccount, systemClock, type TestAccount } from "../../../test/contract/account.ts";
import { channelContract, outbound, type Platform, TestInbox } from "../../../test/contract/channel.ts";
import { readMarkdown } from "../../../test/contract/specimen.ts";
import { description, idOf, type MattermostSimulator, pressBody, startMattermostSimulator } from "../../../test/simulators/mattermost.ts";
import type { WebhookRequest } from "../../core/channel.ts";
import type { Clock } from "../../core/clock.ts";
import type { Chat, PlatformEvent } from "../../core/event.ts";
import { parseMarkdown } from "../../core/markdown.ts";
import type { FilePart } from "../../core/message.ts";
import mattermost from "./index.ts";
import type { Settings } from "./settings.ts";

const token = "x8k3t0kenofthetestsabcdefg";
const direct: Chat = { id: idOf("direct"), kind: "direct" };
const general: Chat = { id: idOf("general"), kind: "group", title: "Channel gen" };
const ann = idOf("ann");
const never = new AbortController().signal;
const now = 1_790_000_000_000;
const webhookUrl = "https://gateway.test/hooks/test-account";

test("the simulator checks against the published description", { skip: description.missing }, () => {
  const headers = { "content-type": "application/json" };
  const post = { method: "POST", url: "/api/v4/posts", headers };
  assert.match(description.violation({ ...post, body: '{"channel_id":1,"message":"x"}' }) ?? "", /channel_id/);
  assert.match(description.violation({ ...post, url: "/api/v4/nowhere", body: "{}" }) ?? "", /no such operation/);
});

const violations: string[] = [];
after(() => assert.deepEqual(violations, [], "calls that break the description of the API"));

interface MattermostPlatform extends Platform {
  readonly simulator: MattermostSimulator;
}

async function platform(): Promise<MattermostPlatform> {
  const simulator = await startMattermostSimulator();
  simulator.channel(direct.id);
  simulator.channel(general.id, "O");
  return {
    simulator,
    settings: { server: simulator.url, token },
    account: { identity: { id: simulator.bot, name: "@polylogue" }, webhookUrl, clock: { ...systemClock, now: () => now } },
    chat: direct,
    seen: () => simulator.seen(direct.id).map(({ message }) => message),
    say: (text) => void simulator.say(direct.id, ann, text),
    read: (text) => readMarkdown(text).replaceAll("\u200b", ""),
    revoke: () => simulator.revoke(),
    cut: () => simulator.cut(),
    violations: simulator.violations,
    async close() {
      violations.push(...simulator.violations);
      await simulator.close();
    },
  };
}

const of = (one: Platform) => (one as MattermostPlatform).simulator;
const refuse = (status: number, id: string) => (p: Platform) => of(p).arrange({ kind: "refuse", status, id });

const buttonToken = "ms_0123456789abcdefghjkmn:1";
const pressed = { id: idOf("post", 7), channel_id: direct.id };
/** What the account's button carries, by the rule that this test holds: another rule would void the buttons of former versions. */
const proof = createHmac("sha256", token)
  .update(`polylogue button ${JSON.stringify(["test-account", buttonToken, direct.id, "direct", ""])}`)
  .digest("base64url");

function press(context: object, more: object = {}): WebhookRequest {
  const action = { id: "button0x0", name: "Yes", integration: { url: "", context } };
  const body = Buffer.from(JSON.stringify({ ...pressBody(pressed, ann, action, "trigger-1"), ...more }));
  return { method: "POST", url: "/hooks/test-account", headers: { "content-type": "application/json" }, body };
}
const context = { token: buttonToken, kind: "direct", proof };
const good = press(context);

channelContract(mattermost, {
  platform,
  secrets: [token],
  refusedSettings: {
    "the token is missing": { server: "https://chat.example.com" },
    "the server is no address": { server: "chat.example.com", token },
    "the server is of another kind": { server: "ws://chat.example.com", token },
  },
  // No schema takes an account without it.
  webhookKey: "token",
  webhooks: {
    "a press": {
      request: good,
      expect: [
        {
          kind: "press",
          key: "press:trigger-1",
          chat: direct,
          sender: { id: ann, name: "ann", handle: "@ann", bot: false, self: false },
          at: now,
          platformId: pressed.id,
          token: buttonToken,
        },
      ],
    },
    "a proof that somebody made up": { request: press({ ...context, proof: "x".repeat(43) }), expect: "signature-invalid" },
    "a proof cut short": { request: press({ ...context, proof: proof.slice(0, 20) }), expect: "signature-invalid" },
    "another button": { request: press({ ...context, token: "ms_0123456789abcdefghjkmn:2" }), expect: "signature-invalid" },
    "another channel": { request: press(context, { channel_id: general.id }), expect: "signature-invalid" },
    "another thread": { request: press({ ...context, thread: idOf("post", 1) }), expect: "signature-invalid" },
    "no proof": { request: press({ token: buttonToken, kind: "direct" }), expect: "signature-missing" },
    "no context": { request: press({}), expect: "signature-missing" },
    "no JSON": { request: { ...good, body: good.body.slice(0, 40) }, expect: "body-malformed" },
    "no post": { request: { ...good, method: "GET" }, expect: "method-refused" },
  },
  failures: {
    "429 of the server": { arrange: (p) => of(p).arrange({ kind: "limit", seconds: 2 }), expect: "retry", code: "channel-retry" },
    "a void token is refused": { arrange: (p) => of(p).revoke(), expect: "refused", code: "channel-auth" },
    "who left the channel": { arrange: refuse(403, "api.context.permissions.app_error"), expect: "refused", code: "channel-gone" },
    "an archived channel": {
      arrange: refuse(400, "api.post.create_post.can_not_post_to_deleted.error"),
      expect: "refused",
      code: "channel-gone",
    },
    "too long": { arrange: refuse(400, "model.post.is_valid.message_length.app_error"), expect: "refused", code: "channel-permanent" },
    "the first is still being stored": {
      arrange: refuse(500, "api.post.deduplicate_create_post.pending"),
      expect: "retry",
      code: "channel-retry",
    },
    "an error of the server's is unknown": { arrange: refuse(500, "app.post.save.app_error"), expect: "unknown" },
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
    "cut before the effect is unknown": { arrange: (p) => of(p).arrange({ kind: "cut" }), expect: "unknown" },
    "accepted, then dropped is unknown": { arrange: (p) => of(p).arrange({ kind: "cut", after: true }), expect: "unknown", seen: 1 },
  },
});

/** An account on a fresh simulator, both closed at the end. */
async function withAccount(
  run: (account: TestAccount<Settings>, simulator: MattermostSimulator) => Promise<void>,
  more: { settings?: object; files?: Record<string, Uint8Array>; clock?: Clock; webhookUrl?: string } = {},
): Promise<void> {
  const stand = await platform();
  const { settings, ...options } = more;
  const account = openAccount(mattermost, { ...(stand.settings as object), ...settings }, { ...stand.account, ...options });
  try {
    await run(account, stand.simulator);
    assert.ok(!account.lines.join().includes(token), "the token is in the log");
  } finally {
    await account.close();
    await stand.close();
  }
}

describe("mattermost: sending", () => {
  test("nobody is called, previews are off, the delivery's id goes with it", () =>
    withAccount(async (account, simulator) => {
      const rendered = mattermost.dialect.render(parseMarkdown("**@all** a@b.example `@here`"));
      assert.equal(rendered.visible, "@all a@b.example @here");
      const sent = outbound(general, rendered.text);
      assert.equal((await mattermost.send(account, sent, never)).kind, "sent");
      const [post] = simulator.seen(general.id);
      assert.equal(post?.message, "**@\u200ball** a@b.example `@here`");
      assert.deepEqual(post?.props, { from_bot: "true", polylogue: sent.delivery, attachments: [], unsafe_links: "true" });
    }));

  test("into a thread, and only to ids of Mattermost's", () =>
    withAccount(async (account, simulator) => {
      const first = await mattermost.send(account, outbound(general, "root"), never);
      assert.ok(first.kind === "sent");
      const chat = { ...general, thread: first.receipt };
      assert.equal((await mattermost.send(account, outbound(chat, "below"), never)).kind, "sent");
      assert.equal(simulator.seen(general.id)[1]?.root_id, first.receipt);
      simulator.deletePost(first.receipt);
      const gone = await mattermost.send(account, outbound(chat, "later"), never);
      assert.deepEqual(gone.kind === "refused" && gone.code, "channel-gone");
      for (const id of ["../users/me", "", idOf("x").toUpperCase()]) {
        assert.equal((await mattermost.send(account, outbound({ id, kind: "group" }, "x"), never)).kind, "refused");
        assert.ok(await mattermost.delete?.(account, { chat: general, receipt: id }, never));
        assert.ok(await mattermost.react?.(account, { chat: general, platformId: id, reaction: "👍" }, never));
      }
    }));

  test("buttons post to the gateway, and their presses are taken; an edit takes them away", () =>
    withAccount(async (account, simulator) => {
      const taken: PlatformEvent[] = [];
      const gateway = createServer(async (request, response) => {
        const body = await buffer(request);
        const result = await mattermost.webhook?.(account, { method: "POST", url: "/", headers: {}, body });
        if (result?.ok) taken.push(...result.value.events);
        response.writeHead(result?.ok ? result.value.response.status : 401).end(result?.ok ? result.value.response.body : "");
      });
      await new Promise<void>((resolve) => gateway.listen(0, "127.0.0.1", resolve));
      const reached = { ...account, webhookUrl: `http://127.0.0.1:${(gateway.address() as { port: number }).port}/hooks/a` };
      try {
        const root = await mattermost.send(account, outbound(general, "root"), never);
        assert.ok(root.kind === "sent");
        const chat: Chat = { ...general, thread: root.receipt };
        const buttons = [[{ label: "Yes", value: "y", token: "t0" }], [{ label: "No", value: "n", token: "t1" }]];
        const sent = await mattermost.send(reached, outbound(chat, "Well?", { buttons }), never);
        assert.ok(sent.kind === "sent");
        assert.equal(await simulator.press(sent.receipt, ann, "No"), 200);
        const event = taken[0];
        assert.ok(event?.kind === "press" && event.token === "t1" && event.chat.thread === root.receipt && event.sender.id === ann);
        assert.equal(await simulator.press(sent.receipt, ann, "No", (body) => ({ ...body, channel_id: direct.id })), 401);
        const edited = await mattermost.edit?.(reached, { ...outbound(chat, "Done"), receipt: sent.receipt }, never);
        assert.equal(edited?.kind, "sent");
        assert.deepEqual(simulator.seen(general.id)[1]?.props.attachments, []);
      } finally {
        gateway.closeAllConnections();
        gateway.close();
      }
    }));

  test("without an address that the server could post to, buttons are numbered lines", () =>
    withAccount(async ({ webhookUrl: _, ...account }, simulator) => {
      const buttons = [[{ label: "Yes", value: "y", token: "t0" }], [{ label: "@all", value: "n", token: "t1" }]];
      await mattermost.send(account, outbound(direct, "Well?", { buttons }), never);
      const [post] = simulator.seen(direct.id);
      assert.deepEqual([post?.message, post?.props.attachments], ["Well?\n\n1. Yes\n2. @\u200ball", []]);
    }));

  test("several files in one post, which can be fetched again", () =>
    withAccount(
      async (account, simulator) => {
        const source = { at: "store", id: "fl_1" as never, mediaType: "image/png", size: 2 } as const;
        const file: FilePart = { type: "image", source, name: "../a.png" };
        const sent = await mattermost.send(account, outbound(direct, "look", { file, album: [{ type: "image", source }] }), never);
        assert.equal(sent.kind, "sent", JSON.stringify(sent));
        const ids = simulator.seen(direct.id)[0]?.file_ids ?? [];
        assert.deepEqual(
          ids.map((id) => simulator.files.get(id)?.name),
          ["a.png", "image.png"],
        );
        const where = await mattermost.locateFile?.(account, ids[0] as string, never);
        assert.ok(where?.ok);
        const got = await account.http.send(where.value);
        assert.ok(got.ok && Buffer.from(got.value.body).equals(Buffer.from([1, 2])));
        assert.equal((await mattermost.locateFile?.(account, "../users/me", never))?.ok, false);
        const large = { ...file, source: { ...source, size: 50_000_001 } };
        assert.equal((await mattermost.send(account, outbound(direct, "", { file: large }), never)).kind, "refused");
        simulator.arrange({ kind: "cut", after: true }, "POST /files");
        assert.equal((await mattermost.send(account, outbound(direct, "", { file }), never)).kind, "retry", "nobody saw it");
      },
      { files: { fl_1: new Uint8Array([1, 2]) } },
    ));

  test("takes back, reacts and types", () =>
    withAccount(async (account, simulator) => {
      const root = await mattermost.send(account, outbound(direct, "hi"), never);
      assert.ok(root.kind === "sent");
      const platformId = root.receipt;
      const ours = () => [...(simulator.posts.get(platformId)?.reactions ?? [])].flatMap(([name, users]) => (users.size > 0 ? [name] : []));
      for (const reaction of ["👀", "👀", "❤️"])
        assert.equal(await mattermost.react?.(account, { chat: direct, platformId, reaction }, never), undefined);
      assert.deepEqual(ours(), ["heart"]);
      assert.equal(await mattermost.react?.(account, { chat: direct, platformId }, never), undefined);
      assert.deepEqual(ours(), []);
      for (let time = 0; time < 2; time++)
        assert.equal(await mattermost.delete?.(account, { chat: direct, receipt: platformId }, never), undefined);
      assert.deepEqual(simulator.seen(direct.id), []);
      await mattermost.typing?.(account, direct, never);
      assert.ok(simulator.calls.includes("POST /users/me/typing"));
    }));
});

const until = async (what: () => boolean) => {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe("mattermost: listening", () => {
  const listening = (account: TestAccount<Settings>, cursor?: string) => {
    const end = new AbortController();
    const inbox = new TestInbox(end, 9_999);
    inbox.cursor = cursor;
    const done = mattermost.listen?.(account, inbox, end.signal);
    const stop = () => {
      end.abort();
      return done;
    };
    return { inbox, done, stop };
  };
  /** Greeted, and what was said before is read. */
  const connected = ({ cursor = "" }: TestInbox) => cursor.includes(idOf("conn").slice(0, 20));
  const messages = (inbox: TestInbox) => inbox.events.flatMap((event) => (event.kind === "message" ? [event] : []));

  test("what is said in a channel: mentions begin a thread, replies are in it, commands are read", () =>
    withAccount(async (account, simulator) => {
      const { inbox, stop } = listening(account);
      await until(() => connected(inbox));
      const root = simulator.say(general.id, ann, "@polylogue, are you there?");
      simulator.say(general.id, ann, "yes", { root_id: root });
      for (const text of ["@Polylogue /reset", "@all hello", "@polylogue2 hi", "mail@polylogue", "(@polylogue.)"])
        simulator.say(general.id, ann, text);
      simulator.say(general.id, ann, "joined", { type: "system_join_channel" });
      simulator.say(direct.id, ann, "psst", { props: { from_bot: "true" } });
      await until(() => messages(inbox).length === 8);
      const [first, second, ...rest] = messages(inbox);
      assert.deepEqual(first, {
        kind: "message",
        key: root,
        chat: { ...general, thread: root },
        sender: { id: ann, name: "ann", handle: "@ann", bot: false, self: false },
        at: first?.at,
        platformId: root,
        parts: [{ type: "text", text: "@polylogue, are you there?", markup: "plain" }],
        addressed: true,
      });
      assert.deepEqual([second?.chat.thread, second?.addressed], [root, false]);
      assert.deepEqual(
        rest.map(({ addressed }) => addressed),
        [true, false, false, false, true, true],
      );
      assert.deepEqual(rest[0]?.parts, [{ type: "text", text: "/reset", markup: "plain" }]);
      assert.deepEqual([rest.at(-1)?.chat, rest.at(-1)?.sender.bot], [direct, true]);
      assert.equal(await stop(), undefined);
    }));

  test("edits, deletions and reactions; what isn't thread or mention stays in the channel", () =>
    withAccount(
      async (account, simulator) => {
        const { inbox, stop } = listening(account);
        await until(() => connected(inbox));
        const id = simulator.say(general.id, ann, "@polylogue one");
        simulator.editPost(id, "@polylogue two");
        simulator.reactTo(id, ann, "+1");
        simulator.reactTo(id, ann, "+1", false);
        simulator.deletePost(id);
        await until(() => inbox.events.length === 5);
        assert.deepEqual(
          inbox.events.map(({ kind, chat }) => [kind, chat.thread]),
          [
            ["message", undefined],
            ["edit", undefined],
            ["reaction", undefined],
            ["reaction", undefined],
            ["delete", undefined],
          ],
        );
        const [, , on, off] = inbox.events;
        assert.ok(on?.kind === "reaction" && off?.kind === "reaction");
        assert.deepEqual([on.reactions, off.reactions, on.sender.id], [[":+1:"], [], ann]);
        await stop();
      },
      { settings: { replyInThread: false } },
    ));

  test("what a stranger puts into the props of a post costs nobody anything, over the socket or over REST", () =>
    withAccount(async (account, simulator) => {
      const odd = () =>
        JSON.parse(`{"__proto__":{"from_bot":"true"},"deep":${"[".repeat(500)}${"]".repeat(500)}}`) as object as Record<string, unknown>;
      const first = listening(account);
      await until(() => connected(first.inbox));
      simulator.say(direct.id, ann, "a", { props: odd() });
      await until(() => messages(first.inbox).length === 1);
      assert.equal(messages(first.inbox)[0]?.sender.bot, false);
      await first.stop();
      await simulator.restart();
      simulator.say(direct.id, ann, "b", { props: odd() });
      const second = listening(account, first.inbox.cursor);
      await until(() => second.inbox.texts().includes("b"));
      await second.stop();
    }));

  test("files of a post", () =>
    withAccount(async (account, simulator) => {
      const { inbox, stop } = listening(account);
      await until(() => connected(inbox));
      simulator.files.set(idOf("file", 1), { name: "a.png", type: "image/png", bytes: Buffer.from("abc") });
      simulator.say(direct.id, ann, "", { file_ids: [idOf("file", 1)] });
      await until(() => messages(inbox).length === 1);
      const source = { at: "platform", ref: idOf("file", 1), mediaType: "image/png", size: 3 };
      assert.deepEqual(messages(inbox)[0]?.parts, [{ type: "image", source, name: "a.png" }]);
      await stop();
    }));

  test("a post of ours that comes back says that its delivery arrived", () =>
    withAccount(async (account, simulator) => {
      const { inbox, stop } = listening(account);
      await until(() => connected(inbox));
      const sent = outbound(general, "hello");
      const outcome = await mattermost.send(account, sent, never);
      await until(() => inbox.events.length === 1);
      const [event] = inbox.events;
      assert.ok(outcome.kind === "sent" && event?.kind === "receipt");
      assert.deepEqual([event.platformId, event.delivery, event.state, event.chat], [outcome.receipt, sent.delivery, "delivered", general]);
      // That another claims it says nothing.
      simulator.say(general.id, ann, "@polylogue x", { props: { polylogue: sent.delivery } });
      await until(() => inbox.events.length === 2);
      assert.equal(inbox.events[1]?.kind, "message");
      await stop();
    }));

  test("a broken connection is resumed by the next process, and nothing is lost or told twice", () =>
    withAccount(async (account, simulator) => {
      const first = listening(account);
      await until(() => connected(first.inbox));
      simulator.say(direct.id, ann, "a");
      await until(() => first.inbox.events.length === 1);
      await simulator.cut();
      const why = await first.done;
      assert.equal(why?.code, "channel-retry");
      simulator.say(direct.id, ann, "b");
      const second = listening(account, first.inbox.cursor);
      await until(() => second.inbox.events.length === 1);
      assert.deepEqual([simulator.greeted, simulator.resumed, second.inbox.texts()], [1, 1, ["b"]]);
      assert.ok(!simulator.calls.some((call) => call.includes("/posts")), "nothing was read over REST");
      await second.stop();
    }));

  test("after a restart of the server what was missed is read over REST: said, edited, deleted, and by whom", () =>
    withAccount(async (account, simulator) => {
      const first = listening(account);
      await until(() => connected(first.inbox));
      const [edited, deleted] = ["before", "to be deleted"].map((text) => simulator.say(direct.id, ann, text));
      const [asked, silent] = ["@polylogue psst", "psst"].map((text) => simulator.say(general.id, ann, text));
      await until(() => first.inbox.events.length === 4);
      await first.stop();
      await simulator.restart();
      simulator.say(direct.id, ann, "while away");
      const sent = outbound(direct, "ours");
      await mattermost.send(account, sent, never);
      simulator.editPost(edited as string, "after");
      for (const id of [deleted, asked, silent]) simulator.deletePost(id as string);
      const second = listening(account, first.inbox.cursor);
      await until(() => second.inbox.events.length >= 8);
      // What reaches back behind the cursor comes again under its key.
      const fresh = second.inbox.events.filter(({ key }) => !first.inbox.events.some((known) => known.key === key));
      const told = fresh.map((event) => [event.kind, "platformId" in event ? event.platformId : "", event.chat.thread ?? ""]);
      assert.deepEqual(
        told.toSorted(),
        [
          ["delete", asked, ""],
          ["delete", asked, asked],
          ["delete", deleted, ""],
          ["delete", silent, ""],
          ["delete", silent, silent],
          [
            "message",
            messages(second.inbox).find(({ parts }) => parts[0]?.type === "text" && parts[0].text === "while away")?.platformId,
            "",
          ],
          ["receipt", simulator.seen(direct.id)[0]?.id, ""],
        ].toSorted(),
      );
      assert.deepEqual(messages(second.inbox).at(-1)?.sender, { id: ann, name: "ann", handle: "@ann", bot: false, self: false });
      // It was edited within the overlap: the message comes again as it is now, under the key that is known.
      assert.ok(messages(second.inbox).some(({ platformId }) => platformId === edited));
      await second.stop();
    }));

  test("a number that is left out makes it read again", () =>
    withAccount(async (account, simulator) => {
      const { inbox, stop } = listening(account);
      await until(() => connected(inbox));
      simulator.say(direct.id, ann, "a");
      await until(() => messages(inbox).length === 1);
      const { calls } = simulator;
      const before = calls.filter((call) => call.endsWith("/posts")).length;
      simulator.skip();
      simulator.say(direct.id, ann, "b");
      await until(() => messages(inbox).length === 2);
      assert.ok(calls.filter((call) => call.endsWith("/posts")).length > before);
      await stop();
    }));

  test("more than a thousand posts while away are read page by page, and a limit is waited for", () =>
    withAccount(async (account, simulator) => {
      const first = listening(account);
      await until(() => connected(first.inbox));
      await first.stop();
      await simulator.restart();
      const wanted = Array.from({ length: 1_250 }, (_, index) => `word ${index}`);
      for (const text of wanted) simulator.say(direct.id, ann, text);
      simulator.arrange({ kind: "limit", seconds: 0 }, `GET /channels/${direct.id}/posts`);
      const second = listening(account, first.inbox.cursor);
      await until(() => messages(second.inbox).length >= wanted.length);
      assert.deepEqual(second.inbox.texts(), wanted);
      await second.stop();
    }));

  test("a void token is said to be one; a server that falls silent is left", () =>
    withAccount(async (account, simulator) => {
      let fire: () => void = () => {};
      const clock: Clock = {
        ...systemClock,
        after(ms, run) {
          if (ms !== 30_000) return systemClock.after(ms, run);
          fire = run;
          return () => {};
        },
      };
      const { inbox, done } = listening({ ...account, clock });
      await until(() => connected(inbox));
      simulator.deaf = true;
      fire();
      fire();
      const why = await done;
      assert.deepEqual([why?.code, why?.message], ["channel-retry", "the socket to Mattermost was silent for 60 s"]);
      simulator.revoke();
      assert.equal((await mattermost.listen?.(account, new TestInbox(new AbortController(), 1), never))?.code, "channel-auth");
    }));
});
