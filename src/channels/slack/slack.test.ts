import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, describe, test } from "node:test";
import { openAccount, systemClock, type TestAccount } from "../../../test/contract/account.ts";
import { channelContract, outbound, type Platform, TestInbox } from "../../../test/contract/channel.ts";
import { type Sample, samples, samplesReadAt } from "../../../test/simulators/slack/samples.ts";
import { readEventFields, readSpec, type SlackSimulator, specMissing, startSlackSimulator } from "../../../test/simulators/slack.ts";
import type { WebhookRequest } from "../../core/channel.ts";
import type { Chat } from "../../core/event.ts";
import type { FilePart } from "../../core/message.ts";
import { decode } from "./decode.ts";
import slack from "./index.ts";
import { readPayload } from "./payload.ts";
import type { Settings } from "./settings.ts";

const spec = readSpec();
const direct: Chat = { id: "D0ANN", kind: "direct" };
const never = new AbortController().signal;
const signingSecret = "8f742231b10e8888abcd99yyyzzz85a5";

test("the simulator checks against the published description", { skip: specMissing }, () => assert.ok(spec?.paths["/chat.postMessage"]));

const violations: string[] = [];
after(() => assert.deepEqual(violations, [], "calls that break the description of the Web API"));

interface SlackPlatform extends Platform {
  readonly simulator: SlackSimulator;
}

async function platform(): Promise<SlackPlatform> {
  const simulator = await startSlackSimulator({ spec });
  simulator.channel(direct.id);
  return {
    simulator,
    settings: { botToken: simulator.botToken, appToken: simulator.appToken, apiRoot: simulator.url },
    account: { identity: { id: "U0BOT", name: "@polylogue" }, clock: { ...systemClock, now: () => samplesReadAt } },
    chat: direct,
    seen: () => simulator.seen(direct.id).map(({ text }) => text),
    say: (text) => void simulator.say(direct.id, "U0ANN", text),
    revoke: () => simulator.revoke(),
    cut: () => simulator.cutSockets(),
    violations: simulator.violations,
    async close() {
      violations.push(...simulator.violations);
      await simulator.close();
    },
  };
}

const of = (one: Platform) => (one as SlackPlatform).simulator;

function signed(body: string, type = "application/json", seconds = samplesReadAt / 1000, secret = signingSecret): WebhookRequest {
  const signature = createHmac("sha256", secret).update(`v0:${seconds}:${body}`).digest("hex");
  const headers = { "content-type": type, "x-slack-request-timestamp": String(seconds), "x-slack-signature": `v0=${signature}` };
  return { method: "POST", url: "/hooks/test-account", headers, body: Buffer.from(body) };
}

const posted = (payload: object) => signed(JSON.stringify(payload));
const form = (fields: Record<string, string>) => signed(new URLSearchParams(fields).toString(), "application/x-www-form-urlencoded");
const without = (name: string): WebhookRequest => {
  const { [name]: _, ...headers } = posted(samples.direct.payload).headers;
  return { ...posted(samples.direct.payload), headers };
};
const minutes = 60;

channelContract(slack, {
  platform,
  secrets: ["xoxb-1234567890-TESTabcdefghijk", "xapp-1-A0APP-1234567890-TESTabcdef", signingSecret],
  refusedSettings: {
    "the tokens are missing": {},
    "a socket has no appToken": { botToken: "xoxb-1" },
    "a webhook has no secret": { botToken: "xoxb-1", mode: "webhook" },
    "the mode is unknown": { botToken: "xoxb-1", appToken: "xapp-1", mode: "rtm" },
  },
  webhookSettings: { mode: "webhook", signingSecret },
  webhookKey: "signingSecret",
  webhooks: {
    "a message": { request: posted(samples.direct.payload), expect: samples.direct.events },
    "a message again, after 1 retry": {
      request: { ...posted(samples.direct.payload), headers: { ...posted(samples.direct.payload).headers, "x-slack-retry-num": "1" } },
      expect: samples.direct.events,
    },
    "an edit": { request: posted(samples.edited.payload), expect: samples.edited.events },
    "a reaction": { request: posted(samples.reaction.payload), expect: samples.reaction.events },
    "a press, as a form": { request: form({ payload: JSON.stringify(samples.press.payload) }), expect: samples.press.events },
    "a slash command, as a form": { request: form(samples.command.payload), expect: samples.command.events },
    "the challenge": { request: posted({ type: "url_verification", token: "x", challenge: "3eZbrw1aB" }), expect: [] },
    "a kind that we don't know": { request: posted({ type: "app_rate_limited", team_id: "T0TEAM" }), expect: [] },
    "no signature": { request: without("x-slack-signature"), expect: "signature-missing" },
    "no time": { request: without("x-slack-request-timestamp"), expect: "signature-missing" },
    "another secret": {
      request: signed(JSON.stringify(samples.direct.payload), "application/json", samplesReadAt / 1000, `${signingSecret}x`),
      expect: "signature-invalid",
    },
    "another body": { request: { ...posted(samples.direct.payload), body: Buffer.from("{}") }, expect: "signature-invalid" },
    "a signature of another length": {
      request: { ...posted({}), headers: { ...posted({}).headers, "x-slack-signature": "v0=ab" } },
      expect: "signature-invalid",
    },
    "six minutes old": { request: signed("{}", "application/json", samplesReadAt / 1000 - 6 * minutes), expect: "signature-stale" },
    "six minutes early": { request: signed("{}", "application/json", samplesReadAt / 1000 + 6 * minutes), expect: "signature-stale" },
    "no JSON": { request: signed("{"), expect: "body-malformed" },
    "a form without JSON": { request: form({ payload: "{" }), expect: "body-malformed" },
    "nothing of Slack's": { request: posted({ hello: 1 }), expect: "payload-unknown" },
    "another method": { request: { ...posted({}), method: "GET" }, expect: "method-refused" },
  },
  failures: {
    "429 waits as long as Slack says": {
      arrange: (p) => of(p).arrange({ kind: "limit", seconds: 7 }),
      expect: "retry",
      code: "channel-retry",
    },
    "a revoked token is refused": { arrange: (p) => of(p).revoke(), expect: "refused", code: "channel-auth" },
    "an archived channel is gone": {
      arrange: (p) => {
        of(p).channel(direct.id).archived = true;
      },
      expect: "refused",
      code: "channel-gone",
    },
    "a channel that the app isn't in is gone": {
      arrange: (p) => {
        of(p).channel(direct.id).member = false;
      },
      expect: "refused",
      code: "channel-gone",
    },
    "an unknown error is permanent": {
      arrange: (p) => of(p).arrange({ kind: "refuse", error: "invalid_blocks" }),
      expect: "refused",
      code: "channel-permanent",
    },
    "an internal error may have done it": { arrange: (p) => of(p).arrange({ kind: "refuse", error: "internal_error" }), expect: "unknown" },
    "503 is unknown": { arrange: (p) => of(p).arrange({ kind: "proxy", status: 503 }), expect: "unknown", code: "channel-unknown" },
    "503 after the effect is unknown": {
      arrange: (p) => of(p).arrange({ kind: "proxy", status: 503, after: true }),
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

describe("slack: what a payload says", () => {
  const view = { id: "U0BOT", name: "@polylogue", replyInThread: true };
  for (const [name, sample] of Object.entries<Sample>(samples)) {
    test(name, () => {
      const { payload, problem } = readPayload(structuredClone(sample.payload));
      assert.ok(payload, problem ?? name);
      assert.deepEqual(decode(payload, view, samplesReadAt), sample.events);
    });
  }

  test("the samples' wrapper has every field of the published description", { skip: specMissing }, () => {
    for (const field of readEventFields() ?? []) assert.ok(field in samples.direct.payload, field);
  });

  test("a mention told twice has one key; before the first probe the app knows itself by the event", () => {
    const read = [samples.mention, samples.appMention].map(({ payload }) => readPayload(payload).payload);
    const events = read.flatMap((payload) => (payload ? decode(payload, { ...view, id: undefined, name: undefined }, 0) : []));
    assert.deepEqual(new Set(events.map(({ key }) => key)).size, 1);
    assert.ok(events.every((event) => event.kind === "message" && event.addressed));
  });

  test("answers that stand in the channel keep its conversation", () => {
    const { payload } = readPayload(samples.mention.payload);
    assert.ok(payload);
    assert.equal(decode(payload, { ...view, replyInThread: false }, 0)[0]?.chat.thread, undefined);
  });
});

/** An account on a fresh simulator, both closed at the end. */
async function withAccount(
  run: (account: TestAccount<Settings>, simulator: SlackSimulator) => Promise<void>,
  more: { settings?: object; files?: Record<string, Uint8Array> } = {},
): Promise<void> {
  const stand = await platform();
  const { settings, ...options } = more;
  const account = openAccount(slack, { ...(stand.settings as object), ...settings }, { ...stand.account, ...options });
  try {
    await run(account, stand.simulator);
    assert.ok(!/xox|xapp/.test(account.lines.join()), "a token is in the log");
  } finally {
    await account.close();
    await stand.close();
  }
}

describe("slack: sending", () => {
  test("the challenge comes back as it is", () =>
    withAccount(
      async (account) => {
        const result = await slack.webhook?.(account, posted({ type: "url_verification", challenge: "3eZbrw1aB" }));
        assert.ok(result?.ok);
        assert.deepEqual(result.value.response, { status: 200, headers: { "content-type": "text/plain" }, body: "3eZbrw1aB" });
      },
      { settings: { mode: "webhook", signingSecret } },
    ));

  test("probe names what is wrong with the tokens", () =>
    withAccount(async (account, simulator) => {
      const wrong = { ...account, settings: { ...account.settings, appToken: "xoxb-not-an-app-token" } };
      const found = await slack.probe(wrong, never);
      assert.ok(!found.ok);
      assert.match(found.fault.message, /appToken/);
      simulator.revoke();
      const refused = await slack.probe(account, never);
      assert.ok(!refused.ok);
      assert.equal(refused.fault.message, "Slack refused the botToken: token_revoked");
    }));

  test("a token that breaks the header is refused without a call", async () => {
    const unused = () => assert.fail("a call was made");
    const account = openAccount(slack, { botToken: "xoxb-\r\nx: y", appToken: "xapp-1" }, { http: { send: unused, stream: unused } });
    const outcome = await slack.send(account, outbound(direct, "x"), never);
    assert.ok(outcome.kind === "refused" && outcome.code === "channel-auth");
  });

  test("carries markup and thread; nothing becomes a mention or link by itself", () =>
    withAccount(async (account, simulator) => {
      const root = simulator.say("C0GENERAL", "U0ANN", "<@U0BOT> hi");
      const chat: Chat = { id: "C0GENERAL", kind: "group", thread: root };
      const content = { text: "*Sure* &lt;!channel&gt; &amp; <https://x.test|soon>", visible: "Sure <!channel> & soon" };
      assert.equal((await slack.send(account, outbound(chat, "", content), never)).kind, "sent");
      const [seen] = simulator.seen("C0GENERAL");
      assert.equal(seen?.thread, root);
      assert.equal(seen.text, "*Sure* <!channel> & soon");
      assert.deepEqual(seen.blocks, [{ type: "section", text: { type: "mrkdwn", text: content.text, verbatim: true }, expand: true }]);
    }));

  test("words without markup are sent so that each letter is one", () =>
    withAccount(async (account, simulator) => {
      const content = { text: "2 * 3 * 4 &lt; 5_000", visible: "2 * 3 * 4 < 5_000" };
      await slack.send(account, outbound(direct, "", content), never);
      const blocks = [{ type: "section", text: { type: "plain_text", text: content.visible, emoji: false }, expand: true }];
      assert.deepEqual(simulator.seen(direct.id)[0]?.blocks, blocks);
    }));

  test("buttons, and links among them; an edit takes them away", () =>
    withAccount(async (account, simulator) => {
      const token = `ms_${"0".repeat(22)}:`;
      const row = [
        { label: "Yes", value: "yes", token: `${token}0` },
        { label: "Page", value: "", url: "https://x.test/", token: `${token}1` },
      ];
      const sent = await slack.send(account, outbound(direct, "Sure?", { buttons: [row] }), never);
      assert.ok(sent.kind === "sent");
      assert.deepEqual(
        simulator.seen(direct.id)[0]?.buttons.map(({ text, value, url }) => [text?.text, value, url]),
        [
          ["Yes", `${token}0`, undefined],
          ["Page", undefined, "https://x.test/"],
        ],
      );
      await slack.edit?.(account, { ...outbound(direct, "Done."), receipt: sent.receipt }, never);
      assert.deepEqual(
        simulator.seen(direct.id).map(({ text, buttons }) => [text, buttons.length]),
        [["Done.", 0]],
      );
    }));

  test("429 carries the milliseconds", () =>
    withAccount(async (account, simulator) => {
      simulator.arrange({ kind: "limit", seconds: 7 });
      const outcome = await slack.send(account, outbound(direct, "hello"), never);
      assert.ok(outcome.kind === "retry");
      assert.equal(outcome.afterMs, 7000);
    }));

  test("a missing scope is named", () =>
    withAccount(async (account, simulator) => {
      simulator.arrange({ kind: "refuse", error: "missing_scope" });
      const outcome = await slack.send(account, outbound(direct, "hello"), never);
      assert.ok(outcome.kind === "refused");
      assert.equal(outcome.code, "channel-auth");
    }));

  test("takes back what it sent; gone already is no fault", () =>
    withAccount(async (account, simulator) => {
      const sent = await slack.send(account, outbound(direct, "oops"), never);
      assert.ok(sent.kind === "sent");
      for (let time = 0; time < 2; time++)
        assert.equal(await slack.delete?.(account, { chat: direct, receipt: sent.receipt }, never), undefined);
      assert.deepEqual(simulator.seen(direct.id), []);
    }));

  test("one reaction of ours at a time; the same again changes nothing", () =>
    withAccount(async (account, simulator) => {
      const platformId = simulator.say(direct.id, "U0ANN", "hi");
      const ours = () =>
        [...(simulator.channel(direct.id).messages.get(platformId)?.reactions ?? [])].flatMap(([name, by]) =>
          by.has("U0BOT") ? [name] : [],
        );
      for (const reaction of ["👀", "👀", "❤️", ":tada:"])
        assert.equal(await slack.react?.(account, { chat: direct, platformId, reaction }, never), undefined);
      assert.deepEqual(ours(), ["tada"]);
      for (let time = 0; time < 2; time++) assert.equal(await slack.react?.(account, { chat: direct, platformId }, never), undefined);
      assert.deepEqual(ours(), []);
      assert.equal((await slack.react?.(account, { chat: direct, platformId, reaction: "🧌" }, never))?.code, "channel-permanent");
    }));

  test("says that it types where the app is an assistant", () =>
    withAccount(async (account, simulator) => {
      await slack.typing?.(account, { ...direct, thread: "1.1" }, never);
      await slack.typing?.(account, direct, never);
      assert.deepEqual(simulator.statuses, ["is typing…"]);
    }));
});

describe("slack: files", () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const part = (more: Partial<FilePart> = {}): FilePart => {
    return { type: "file", source: { at: "store", id: "fl_1" as never, mediaType: "application/pdf", size: 3 }, ...more };
  };
  const files = { fl_1: bytes };

  test("uploads and shares, several in one message, in the thread", () =>
    withAccount(
      async (account, simulator) => {
        const root = simulator.say("C0GENERAL", "U0ANN", "hi");
        const chat: Chat = { id: "C0GENERAL", kind: "group", thread: root };
        const content = { file: part({ name: "../a\n.pdf" }), album: [part({ type: "image" })], visible: "look & see" };
        const sent = await slack.send(account, outbound(chat, "look &amp; see", content), never);
        assert.ok(sent.kind === "sent", JSON.stringify(sent));
        const [seen, ...others] = simulator.seen("C0GENERAL");
        assert.deepEqual([seen?.text, seen?.thread, seen?.files.length, others.length], ["look & see", root, 2, 0]);
        assert.deepEqual(
          [...simulator.files.values()].map(({ name, size, shared }) => [name, size, shared]),
          [
            ["a.pdf", 3, true],
            ["image.pdf", 3, true],
          ],
        );
        assert.equal(await slack.delete?.(account, { chat, receipt: sent.receipt }, never), undefined);
        assert.deepEqual(simulator.seen("C0GENERAL"), []);
        const edited = await slack.edit?.(account, { ...outbound(chat, "x"), receipt: sent.receipt }, never);
        assert.equal(edited?.kind, "refused");
      },
      { files },
    ));

  test("buttons stand with the file; where Slack refuses that, as numbered lines", () =>
    withAccount(
      async (account, simulator) => {
        const buttons = [[{ label: "Yes", value: "yes", token: "t0" }]];
        const content = { file: part(), buttons, visible: "Sure?" };
        assert.equal((await slack.send(account, outbound(direct, "Sure?", content), never)).kind, "sent");
        simulator.arrange({ kind: "refuse", error: "invalid_blocks" }, "files.completeUploadExternal");
        assert.equal((await slack.send(account, outbound(direct, "Sure?", content), never)).kind, "sent");
        assert.deepEqual(
          simulator.seen(direct.id).map(({ text, buttons }) => [text, buttons.length]),
          [
            ["Sure?", 1],
            ["Sure?\n1. Yes", 0],
          ],
        );
      },
      { files },
    ));

  test("an upload that fails was seen by nobody; a share that breaks off may have been", () =>
    withAccount(
      async (account, simulator) => {
        simulator.arrange({ kind: "proxy", status: 503 }, "upload");
        assert.equal((await slack.send(account, outbound(direct, "", { file: part() }), never)).kind, "retry");
        simulator.arrange({ kind: "cut" }, "files.getUploadURLExternal");
        assert.equal((await slack.send(account, outbound(direct, "", { file: part() }), never)).kind, "retry");
        simulator.arrange({ kind: "cut", after: true }, "files.completeUploadExternal");
        assert.equal((await slack.send(account, outbound(direct, "", { file: part() }), never)).kind, "unknown");
        assert.equal(simulator.seen(direct.id).length, 1);
      },
      { files },
    ));

  test("what isn't in the store is refused before a call", () =>
    withAccount(async (account, simulator) => {
      for (const file of [part(), part({ source: { at: "nowhere", reason: "too large" } })]) {
        const outcome = await slack.send(account, outbound(direct, "", { file }), never);
        assert.ok(outcome.kind === "refused" && outcome.code === "file-refused");
      }
      assert.deepEqual(simulator.calls, []);
    }));

  test("locates what people sent; the token goes to Slack alone", () =>
    withAccount(
      async (account, simulator) => {
        await slack.send(account, outbound(direct, "", { file: part() }), never);
        const [id = ""] = simulator.files.keys();
        const located = await slack.locateFile?.(account, id, never);
        assert.ok(located?.ok);
        const got = await account.http.send(located.value);
        assert.ok(got.ok && Buffer.from(got.value.body).equals(Buffer.from(bytes)));
        const gone = await slack.locateFile?.(account, "F404", never);
        assert.ok(gone && !gone.ok && gone.fault.code === "file-refused");
        for (const evil of [
          "https://evil.test/x",
          "https://slack.com.evil.test/x",
          "http://files.slack.com/x",
          "https://a@files.slack.com/x",
        ]) {
          const body = new TextEncoder().encode(JSON.stringify({ ok: true, file: { url_private_download: evil } }));
          const answer = { ok: true as const, value: { status: 200, headers: {}, body } };
          const tricked = { ...account, http: { send: async () => answer, stream: () => assert.fail("unused") } };
          assert.equal((await slack.locateFile?.(tricked, "F1", never))?.ok, false, evil);
        }
      },
      { files },
    ));
});

describe("slack: Socket Mode", () => {
  const listening = (account: TestAccount<Settings>, wanted: number) => {
    const end = new AbortController();
    const inbox = new TestInbox(end, wanted);
    return { inbox, end, done: slack.listen?.(account, inbox, end.signal) };
  };
  const until = async (what: () => boolean) => {
    while (!what()) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  test("acknowledges what is stored, presses too", () =>
    withAccount(async (account, simulator) => {
      const buttons = [[{ label: "Go", value: "go", token: "t0" }]];
      const sent = await slack.send(account, outbound(direct, "Go?", { buttons }), never);
      assert.ok(sent.kind === "sent");
      const { inbox, end, done } = listening(account, 99);
      simulator.say(direct.id, "U0ANN", "hi");
      simulator.press(direct.id, "U0ANN", sent.receipt, "Go");
      simulator.happen({ type: "app_home_opened" });
      await until(() => inbox.events.length === 2 && simulator.undelivered === 0);
      assert.deepEqual(
        inbox.events.map(({ kind }) => kind),
        ["message", "press"],
      );
      end.abort();
      assert.equal(await done, undefined);
      await until(() => simulator.connections === 0);
    }));

  test("a refresh opens the next connection first, and loses nothing", () =>
    withAccount(async (account, simulator) => {
      const { inbox, end, done } = listening(account, 99);
      await until(() => simulator.connections === 1);
      simulator.say(direct.id, "U0ANN", "a");
      simulator.disconnect("warning");
      simulator.disconnect("refresh_requested");
      await until(() => simulator.connections === 2);
      simulator.say(direct.id, "U0ANN", "b");
      await until(() => inbox.events.length === 2);
      simulator.disconnect("refresh_requested", true);
      await until(() => simulator.calls.filter((method) => method === "apps.connections.open").length >= 3);
      simulator.say(direct.id, "U0ANN", "c");
      await until(() => inbox.events.length === 3);
      assert.deepEqual(inbox.texts(), ["a", "b", "c"]);
      end.abort();
      assert.equal(await done, undefined);
    }));

  test("a cut socket ends the listening with a fault that is tried again", () =>
    withAccount(async (account, simulator) => {
      const { done } = listening(account, 99);
      await until(() => simulator.connections === 1);
      simulator.cutSockets();
      assert.equal((await done)?.code, "channel-retry");
    }));

  test("Socket Mode that was switched off, and a refused appToken, need a person", () =>
    withAccount(async (account, simulator) => {
      const { done } = listening(account, 99);
      await until(() => simulator.connections === 1);
      simulator.disconnect("link_disabled");
      assert.equal((await done)?.code, "account-invalid");
      simulator.revoke();
      const fault = await listening(account, 99).done;
      assert.equal(fault?.code, "channel-auth");
      assert.match(fault.message, /appToken/);
    }));
});
