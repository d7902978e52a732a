import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { type AccountOptions, openAccount, systemClock, type TestAccount } from "../../../test/contract/account.ts";
import { channelContract, outbound, type Platform } from "../../../test/contract/channel.ts";
import { type Sample, samples, samplesReadAt } from "../../../test/simulators/teams/samples.ts";
import { actionsOf } from "../../../test/simulators/teams/shown.ts";
import { description, startTeamsSimulator, type TeamsSimulator } from "../../../test/simulators/teams.ts";
import type { WebhookRequest } from "../../core/channel.ts";
import type { DeliveryContent, SendOutcome } from "../../core/delivery.ts";
import type { Chat } from "../../core/event.ts";
import type { FileId } from "../../core/ids.ts";
import type { FilePart } from "../../core/message.ts";
import teams from "./index.ts";
import type { Settings } from "./settings.ts";

const direct: Chat = { id: "a:17I0kl9EkpE1O9PH5TWrzrLNwnWWcfrU7Qa-b_c", kind: "direct" };
const never = new AbortController().signal;
const serviceUrl = "https://smba.trafficmanager.net/amer/";

test("the simulator checks against the published description", { skip: description.missing }, () =>
  assert.match(description.violation({ method: "PATCH", url: "/v3/conversations/x", headers: {} }) ?? "", /no such operation/),
);

const violations: string[] = [];
after(() => assert.deepEqual(violations, [], "calls that break the description of the connector"));

interface TeamsPlatform extends Platform {
  readonly simulator: TeamsSimulator;
}

async function platform(): Promise<TeamsPlatform> {
  const simulator = await startTeamsSimulator();
  simulator.conversation(direct.id);
  return {
    simulator,
    settings: simulator.settings,
    account: { clock: { ...systemClock, now: () => samplesReadAt } },
    chat: direct,
    seen: () => simulator.seen(direct.id).map(({ text }) => text),
    revoke: () => simulator.revoke(),
    violations: simulator.violations,
    async close() {
      violations.push(...simulator.violations);
      await simulator.close();
    },
  };
}

const of = (one: Platform) => (one as TeamsPlatform).simulator;

// Keys are the same in all simulators of a process: what one signed holds before another.
const signer = await startTeamsSimulator();
after(() => signer.close());
const token = (more: Parameters<TeamsSimulator["token"]>[0] = {}) =>
  signer.token({ at: samplesReadAt / 1000, ...more, claims: { serviceurl: serviceUrl, ...more.claims } });
const good = await token();

function posted(activity: object, authorization: string | undefined = `Bearer ${good}`): WebhookRequest {
  const headers = { "content-type": "application/json", ...(authorization ? { authorization } : {}) };
  return { method: "POST", url: "/hooks/test-account", headers, body: Buffer.from(JSON.stringify({ serviceUrl, ...activity })) };
}
const signed = async (more: Parameters<typeof token>[0]) => posted(samples.direct.activity, `Bearer ${await token(more)}`);
const [header, , signature] = good.split(".") as [string, string, string];
const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const unsigned = { iss: "https://api.botframework.com", aud: signer.app, exp: samplesReadAt / 1000 + 60, serviceurl: serviceUrl };
const { timestamp: _, ...timeless } = samples.direct.activity;

channelContract(teams, {
  platform,
  secrets: [signer.password, "eyJ0.TEST"],
  refusedSettings: {
    "everything is missing": {},
    "the password is missing": { appId: signer.app, tenantId: signer.tenant },
    "the tenant is missing": { appId: signer.app, appPassword: "x" },
    "the app's id is none": { appId: "my-bot", appPassword: "x", tenantId: signer.tenant },
    "an address isn't one": { appId: signer.app, appPassword: "x", tenantId: signer.tenant, serviceUrl: "smba.trafficmanager.net" },
    "a tenant would be a path": { appId: signer.app, appPassword: "x", tenantId: signer.tenant, tokenTenant: "../x" },
  },
  webhookKey: "appId",
  webhooks: {
    ...Object.fromEntries(
      Object.entries<Sample>(samples)
        .filter(([name]) => name !== "otherInvoke")
        .map(([name, { activity, events }]) => [`the sample ${name}`, { request: posted(activity), expect: events }]),
    ),
    "a message again": { request: posted(samples.direct.activity), expect: samples.direct.events },
    "no time: ours stands in": { request: posted(timeless), expect: [{ ...samples.direct.events[0], at: samplesReadAt }] },
    "no id: nothing tells it from its repetition": { request: posted({ ...samples.direct.activity, id: undefined }), expect: [] },
    "another method": { request: { ...posted({}), method: "GET" }, expect: "method-refused" },
    "no token": { request: posted(samples.direct.activity, ""), expect: "signature-missing" },
    "no Bearer": { request: posted(samples.direct.activity, `Basic ${good}`), expect: "signature-missing" },
    "a token without a signature": {
      request: posted(samples.direct.activity, `Bearer ${header}.${base64(unsigned)}.`),
      expect: "signature-missing",
    },
    "a token cut short": { request: posted(samples.direct.activity, `Bearer ${good.slice(0, -20)}`), expect: "signature-invalid" },
    "alg none": {
      request: posted(samples.direct.activity, `Bearer ${base64({ alg: "none", kid: "key-1" })}.${base64(unsigned)}.AA`),
      expect: "signature-invalid",
    },
    "alg HS256": {
      request: posted(samples.direct.activity, `Bearer ${base64({ alg: "HS256", kid: "key-1" })}.${base64(unsigned)}.${signature}`),
      expect: "signature-invalid",
    },
    "other claims under the same signature": {
      request: posted(samples.direct.activity, `Bearer ${header}.${base64(unsigned)}.${signature}`),
      expect: "signature-invalid",
    },
    "signed by another key of the same name": { request: await signed({ kid: "key-1", signedBy: "key-2" }), expect: "signature-invalid" },
    "a key that isn't endorsed for Teams": { request: await signed({ kid: "key-2" }), expect: "signature-invalid" },
    "for another app": { request: await signed({ claims: { aud: "another-app" } }), expect: "signature-invalid" },
    "from another issuer": { request: await signed({ claims: { iss: "https://sts.windows.net/x/" } }), expect: "signature-invalid" },
    "an hour and more old": { request: await signed({ at: samplesReadAt / 1000 - 7_200 }), expect: "signature-stale" },
    "a token without an end": { request: await signed({ claims: { exp: undefined } }), expect: "signature-invalid" },
    "not valid yet": { request: await signed({ at: samplesReadAt / 1000 + 7_200 }), expect: "signature-stale" },
    "another address than the token's": {
      request: posted({ ...samples.direct.activity, serviceUrl: "https://evil.test/" }),
      expect: "signature-invalid",
    },
    "no address in the token": { request: await signed({ claims: { serviceurl: undefined } }), expect: "signature-invalid" },
    "of another channel": { request: posted({ ...samples.direct.activity, channelId: "webchat" }), expect: "signature-invalid" },
    "of another tenant": {
      request: posted({ ...samples.direct.activity, channelData: { tenant: { id: "72f988bf-86f1-41af-91ab-2d7cd011db47" } } }),
      expect: "signature-invalid",
    },
    "of no tenant": {
      request: posted({ ...samples.direct.activity, channelData: {}, conversation: { id: direct.id, conversationType: "personal" } }),
      expect: "signature-invalid",
    },
    "no JSON": { request: { ...posted({}), body: Buffer.from("{") }, expect: "body-malformed" },
    "no activity": { request: posted({ hello: 1 }), expect: "payload-unknown" },
  },
  failures: {
    "429 waits as long as Teams says": {
      arrange: (p) => of(p).arrange({ kind: "limit", seconds: 7 }),
      expect: "retry",
      code: "channel-retry",
    },
    "412 is tried again": { arrange: (p) => of(p).arrange({ kind: "refuse", status: 412, code: "PreconditionFailed" }), expect: "retry" },
    "502 with Teams' word is tried again": {
      arrange: (p) => of(p).arrange({ kind: "refuse", status: 502, code: "ServiceError" }),
      expect: "retry",
    },
    "503 is tried again": { arrange: (p) => of(p).arrange({ kind: "refuse", status: 503 }), expect: "retry" },
    "504 may have done it": {
      arrange: (p) => of(p).arrange({ kind: "refuse", status: 504, code: "GatewayTimeout", after: true }),
      ...{ expect: "unknown", code: "channel-unknown", seen: 1 },
    },
    "500 may have done it": {
      arrange: (p) => of(p).arrange({ kind: "refuse", status: 500, code: "ServiceError", after: true }),
      ...{ expect: "unknown", seen: 1 },
    },
    "a proxy's 502 may have done it": {
      arrange: (p) => of(p).arrange({ kind: "proxy", status: 502, after: true }),
      expect: "unknown",
      seen: 1,
    },
    "a proxy that refuses did nothing": { arrange: (p) => of(p).arrange({ kind: "proxy", status: 407 }), expect: "retry" },
    "an unreadable 200 is unknown": {
      arrange: (p) => of(p).arrange({ kind: "proxy", status: 200, after: true }),
      expect: "unknown",
      seen: 1,
    },
    "cut before the effect is unknown": { arrange: (p) => of(p).arrange({ kind: "cut" }), expect: "unknown" },
    "accepted, then dropped is unknown": { arrange: (p) => of(p).arrange({ kind: "cut", after: true }), expect: "unknown", seen: 1 },
    "a bad argument is permanent": {
      arrange: (p) => of(p).arrange({ kind: "refuse", status: 400, code: "Bad Argument" }),
      ...{ expect: "refused", code: "channel-permanent" },
    },
    "too large is permanent": {
      arrange: (p) => of(p).arrange({ kind: "refuse", status: 413, code: "MessageSizeTooBig" }),
      ...{ expect: "refused", code: "channel-permanent" },
    },
    "an app without a password any more is refused": { arrange: (p) => of(p).revoke(), expect: "refused", code: "channel-auth" },
    ...Object.fromEntries(
      ["BotNotInConversationRoster", "ConversationBlockedByUser", "BotDisabledByAdmin"].map((closed) => [
        `${closed}: the chat is gone`,
        {
          arrange: (p: Platform) => {
            of(p).conversation(direct.id).closed = closed;
          },
          ...{ expect: "refused" as const, code: "channel-gone" as const },
        },
      ]),
    ),
    "a chat of another cloud isn't gone": {
      arrange: (p) => of(p).arrange({ kind: "refuse", status: 403, code: "InvalidBotApiHost" }),
      ...{ expect: "refused", code: "channel-permanent" },
    },
    "a chat that isn't there is gone": { arrange: (p) => void of(p).conversations.clear(), expect: "refused", code: "channel-gone" },
  },
});

/** An account on a fresh simulator, both closed at the end. */
async function withAccount(
  run: (account: TestAccount<Settings>, simulator: TeamsSimulator) => Promise<void>,
  options: AccountOptions = {},
): Promise<void> {
  const stand = await platform();
  const account = openAccount(teams, stand.settings, { clock: systemClock, ...options });
  try {
    await run(account, stand.simulator);
    assert.ok(!/TEST/.test(account.lines.join()), "a secret is in the log");
  } finally {
    await account.close();
    await stand.close();
  }
}

/** Takes an activity as the simulator would post it now. */
async function take(
  account: TestAccount<Settings>,
  simulator: TeamsSimulator,
  activity: object,
  more?: Parameters<TeamsSimulator["token"]>[0],
) {
  const whole = simulator.activity(direct.id, "29:ann", activity);
  const request = { ...posted(whole, `Bearer ${await simulator.token(more)}`), body: Buffer.from(JSON.stringify(whole)) };
  const result = await teams.webhook?.(account, request);
  assert.ok(result);
  return result;
}

const hello = { type: "message", text: "hello" };
const receiptOf = (outcome: SendOutcome) => (outcome.kind === "sent" ? outcome.receipt : assert.fail(JSON.stringify(outcome)));
const row = (...labels: string[]) => labels.map((label, index) => ({ label, value: label, token: `ms_${"0".repeat(22)}:${index}` }));
const sendsOf = (simulator: TeamsSimulator) =>
  simulator.calls.filter((one) => one.includes("/activities")).map((one) => one.split("/", 2).join("/"));

describe("teams: keys and tokens", () => {
  test("keys are read once, and for a key that isn't known once a minute", () =>
    withAccount(async (account, simulator) => {
      simulator.published = ["key-1"];
      const reads = () => simulator.calls.filter((one) => one.endsWith("/keys")).length;
      for (let time = 0; time < 5; time++) assert.ok((await take(account, simulator, hello)).ok);
      assert.equal(reads(), 1);
      for (let time = 0; time < 5; time++) assert.equal((await take(account, simulator, hello, { kid: "key-2" })).ok, false);
      assert.equal(reads(), 1, "a stranger's token made us ask again at once");
    }));

  test("while keys can't be read nothing is taken, and they aren't asked for all the time", () => {
    let elapsed = 0;
    return withAccount(
      async (account, simulator) => {
        simulator.keysDown = true;
        for (let time = 0; time < 5; time++) {
          const result = await take(account, simulator, hello);
          assert.equal(result.ok || result.fault.code, "channel-unreachable");
        }
        assert.equal(simulator.calls.length, 1);
        const found = await teams.probe(account, never);
        assert.equal(found.ok || found.fault.code, "channel-unreachable");
        simulator.keysDown = false;
        elapsed += 10_000;
        assert.ok((await take(account, simulator, hello)).ok);
        assert.ok((await teams.probe(account, never)).ok);
      },
      { clock: { ...systemClock, elapsed: () => elapsed } },
    );
  });

  test("one token for many sends, until shortly before its end", () => {
    let elapsed = 0;
    return withAccount(
      async (account, simulator) => {
        const logins = () => simulator.calls.filter((one) => one.startsWith("POST /login/")).length;
        await Promise.all(["a", "b", "c"].map((text) => teams.send(account, outbound(direct, text), never)));
        elapsed += 3_298_000;
        await teams.send(account, outbound(direct, "d"), never);
        assert.equal(logins(), 1);
        elapsed += 2_000;
        await teams.send(account, outbound(direct, "e"), never);
        assert.equal(logins(), 2);
        assert.equal(simulator.seen(direct.id).length, 5);
      },
      { clock: { ...systemClock, elapsed: () => elapsed } },
    );
  });

  test("a token that is refused is replaced once, and the message sent once", () =>
    withAccount(async (account, simulator) => {
      await teams.send(account, outbound(direct, "one"), never);
      simulator.forgetTokens();
      assert.equal((await teams.send(account, outbound(direct, "two"), never)).kind, "sent");
      simulator.arrange({ kind: "refuse", status: 401 });
      simulator.arrange({ kind: "refuse", status: 401 });
      const refused = await teams.send(account, outbound(direct, "three"), never);
      assert.ok(refused.kind === "refused" && refused.code === "channel-auth");
      assert.deepEqual(
        simulator.seen(direct.id).map(({ text }) => text),
        ["one", "two"],
      );
    }));

  test("probe says what Microsoft said", () =>
    withAccount(async (account, simulator) => {
      const found = await teams.probe(account, never);
      assert.deepEqual(found.ok && found.value, { id: `28:${simulator.app}`, name: simulator.app });
      simulator.revoke();
      const refused = await teams.probe(account, never);
      assert.match(refused.ok ? "" : refused.fault.message, /401 invalid_client AADSTS7000215: Invalid client secret provided\.$/);
    }));
});

describe("teams: where answers go", () => {
  test("to the address of the chat's last verified activity; before one was heard, to the global one", () =>
    withAccount(async (account, simulator) => {
      await teams.send(account, outbound(direct, "one"), never);
      assert.ok((await take(account, simulator, hello)).ok);
      await teams.send(account, outbound(direct, "two"), never);
      const elsewhere = { ...hello, serviceUrl: `${simulator.url}/elsewhere/` };
      assert.equal((await take(account, simulator, elsewhere)).ok, false, "not the token's");
      await teams.send(account, outbound(direct, "three"), never);
      assert.deepEqual(sendsOf(simulator), ["POST /teams", "POST /amer", "POST /amer"]);
    }));

  test("never to a private address that the operator didn't name", () =>
    withAccount(async (account, simulator) => {
      const inside = "http://127.0.0.1:9/";
      assert.ok((await take(account, simulator, { ...hello, serviceUrl: inside }, { claims: { serviceurl: inside } })).ok);
      const outcome = await teams.send(account, outbound(direct, "x"), never);
      assert.ok(outcome.kind === "refused" && outcome.code === "address-refused", JSON.stringify(outcome));
    }));

  test("a thread of a channel is part of the address, and an answer lands in it", () =>
    withAccount(async (account, simulator) => {
      const chat: Chat = { id: "19:0b7f@thread.tacv2", thread: "1481567603816", kind: "group" };
      const whole = simulator.conversation("19:0b7f@thread.tacv2;messageid=1481567603816");
      assert.equal((await teams.send(account, outbound(chat, "here"), never)).kind, "sent");
      assert.equal(whole.messages.size, 1);
      assert.match(simulator.calls.at(-1) ?? "", /\/19%3A0b7f%40thread.tacv2%3Bmessageid%3D1481567603816\/activities$/);
    }));

  test("a chat's id is no path", () =>
    withAccount(async (account, simulator) => {
      for (const id of ["", "..", "\ud800"])
        assert.equal((await teams.send(account, outbound({ id, kind: "direct" }, "x"), never)).kind, "refused");
      assert.deepEqual(simulator.calls, []);
      await teams.send(account, outbound({ id: "a/../b?c#d", kind: "direct" }, "x"), never);
      assert.equal(simulator.calls.at(-1), "POST /teams/v3/conversations/a%2F..%2Fb%3Fc%23d/activities");
    }));
});

describe("teams: messages", () => {
  test("an answer becomes a card with buttons and words again; both ways of pressing are one press", () =>
    withAccount(async (account, simulator) => {
      const receipt = receiptOf(await teams.send(account, outbound(direct, "thinking"), never));
      const content: Partial<DeliveryContent> = {
        text: "**Sure?**",
        buttons: [
          row("Yes", "No"),
          [{ label: "Page", value: "", url: "https://x.test/", token: "" }],
          row("1", "2", "3", "4", "5", "6", "7"),
        ],
      };
      assert.equal((await teams.edit?.(account, { ...outbound(direct, "Sure?", content), receipt }, never))?.kind, "sent");
      const [message] = simulator.seen(direct.id);
      assert.equal(message?.text, "Sure?");
      const [card] = message.json.attachments as { content: { body: { actions?: unknown[] }[] } }[];
      assert.deepEqual(
        card?.content.body.map(({ actions }) => actions?.length),
        [undefined, 2, 1, 6, 1],
      );
      assert.equal(message.json.summary, "Sure?");
      const actions = actionsOf(card.content);
      assert.deepEqual(actions[2], { type: "Action.OpenUrl", title: "Page", url: "https://x.test/" });
      const execute = await take(account, simulator, {
        ...{ type: "invoke", name: "adaptiveCard/action", replyToId: receipt },
        value: { action: { type: "Action.Execute", verb: "press", data: actions[1]?.data }, trigger: "manual" },
      });
      const submit = await take(account, simulator, { type: "message", value: actions[1]?.fallback?.data, replyToId: receipt });
      for (const result of [execute, submit]) {
        const [press] = result.ok ? result.value.events : [];
        assert.ok(press?.kind === "press");
        assert.deepEqual([press.token, press.platformId], [row("", "")[1]?.token, receipt]);
      }
      assert.equal((await teams.edit?.(account, { ...outbound(direct, "Done."), receipt }, never))?.kind, "sent");
      assert.deepEqual(
        simulator.seen(direct.id).map(({ text, json }) => [text, json.attachments]),
        [["Done.", undefined]],
      );
    }));

  test("a press is answered as Teams wants it; other invokes are none of ours", () =>
    withAccount(async (account, simulator) => {
      const value = { action: { type: "Action.Execute", verb: "press", data: { press: "x:0" } } };
      const pressed = await take(account, simulator, { type: "invoke", name: "adaptiveCard/action", value });
      assert.ok(pressed.ok);
      const { status, headers, body } = pressed.value.response;
      assert.deepEqual([status, headers?.["content-type"]], [200, "application/json"]);
      assert.deepEqual(JSON.parse(body ?? ""), { statusCode: 200, type: "application/vnd.microsoft.activity.message", value: "✓" });
      const other = await take(account, simulator, { type: "invoke", name: "composeExtension/query", value: {} });
      assert.ok(other.ok);
      assert.deepEqual([other.value.response.status, other.value.events], [501, []]);
    }));

  test("an image is inline; what isn't in the store is refused", () =>
    withAccount(
      async (account, simulator) => {
        const file: FilePart = {
          type: "image",
          name: "cat.png",
          source: { at: "store", id: "fl_1" as FileId, mediaType: "image/png", size: 3 },
        };
        receiptOf(await teams.send(account, outbound(direct, "", { file }), never));
        const [sent] = simulator.seen(direct.id);
        assert.deepEqual(sent?.json.attachments, [{ contentType: "image/png", contentUrl: "data:image/png;base64,AQID", name: "cat.png" }]);
        const absent = { ...file, source: { ...file.source, id: "fl_2" as FileId } } as FilePart;
        const lost = { ...file, source: { at: "nowhere", reason: "x" } } as const;
        for (const one of [absent, lost]) {
          const outcome = await teams.send(account, outbound(direct, "", { file: one }), never);
          assert.ok(outcome.kind === "refused" && outcome.code === "file-refused");
        }
      },
      { files: { fl_1: new Uint8Array([1, 2, 3]) } },
    ));

  test("takes back what it sent; gone already is no fault", () =>
    withAccount(async (account, simulator) => {
      const receipt = receiptOf(await teams.send(account, outbound(direct, "oops"), never));
      for (let time = 0; time < 2; time++) assert.equal(await teams.delete?.(account, { chat: direct, receipt }, never), undefined);
      assert.deepEqual(simulator.seen(direct.id), []);
      simulator.revoke();
      assert.equal((await teams.delete?.(account, { chat: direct, receipt }, never))?.code, "channel-auth");
    }));

  test("an edit of what is gone is refused for good", () =>
    withAccount(async (account) => {
      const outcome = await teams.edit?.(account, { ...outbound(direct, "x"), receipt: "1585983408999" }, never);
      assert.ok(outcome?.kind === "refused" && outcome.code === "channel-permanent");
    }));

  test("types in chats, not in channels", () =>
    withAccount(async (account, simulator) => {
      await teams.typing?.(account, direct, never);
      await teams.typing?.(account, { id: "19:x@thread.tacv2", thread: "1", kind: "group" }, never);
      assert.deepEqual(simulator.typing, [direct.id]);
    }));

  test("the longest text fits, also as a card of many buttons", () =>
    withAccount(async (account) => {
      const text = "ä".repeat(teams.limits.text.max);
      receiptOf(await teams.send(account, outbound(direct, text), never));
      const { count = 0, label = 0 } = teams.limits.buttons ?? {};
      const buttons = Array.from({ length: count }, () => row("x".repeat(label)));
      receiptOf(await teams.send(account, outbound(direct, text, { buttons }), never));
    }));
});

describe("teams: attachments", () => {
  const inline = async (account: TestAccount<Settings>, simulator: TeamsSimulator, contentUrl: string) => {
    const result = await take(account, simulator, {
      ...hello,
      attachments: [
        { contentType: "image/*", contentUrl },
        { contentType: "text/html", content: "<p>hello</p>" },
      ],
    });
    const [event] = result.ok ? result.value.events : [];
    assert.ok(event?.kind === "message");
    const image = event.parts[1];
    assert.ok(image?.type === "image" && image.source.at === "platform");
    return image.source.ref;
  };

  test("an inline image is at the connector, where the token opens it, also after a restart", () =>
    withAccount(async (account, simulator) => {
      const ref = await inline(account, simulator, `${simulator.url}/amer/v3/attachments/0-eus-d1/views/original`);
      const again = openAccount(teams, simulator.settings);
      const found = await teams.locateFile?.(again, ref, never);
      assert.ok(found?.ok);
      assert.equal(found.value.trust, "configured");
      const answer = await account.http.send(found.value);
      assert.ok(answer.ok && answer.value.status === 200);
      await again.close();
    }));

  test("an address can't pretend to be the connector's", () =>
    withAccount(async (account, simulator) => {
      const info = {
        contentType: "application/vnd.microsoft.teams.file.download.info",
        content: { downloadUrl: "token https://evil.test/", fileType: "txt" },
      };
      const attachments = [info, { contentType: "image/png", contentUrl: "token https://evil.test/" }];
      const result = await take(account, simulator, { ...hello, attachments });
      const [event] = result.ok ? result.value.events : [];
      assert.ok(event?.kind === "message");
      assert.deepEqual(
        event.parts.map(({ type }) => type),
        ["text"],
      );
    }));

  test("an image that is elsewhere gets no token; only public addresses are fetched, and no http", () =>
    withAccount(async (account, simulator) => {
      for (const address of ["https://evil.test/v3/attachments/x", "https://169.254.169.254/latest"]) {
        const found = await teams.locateFile?.(account, await inline(account, simulator, address), never);
        assert.deepEqual(found, { ok: true, value: { method: "GET", url: address, trust: "public" } });
      }
      for (const ref of ["http://evil.test/x", "file:///etc/passwd", "nonsense", "token ", "token http://evil.test/"]) {
        const found = await teams.locateFile?.(account, ref, never);
        assert.equal(found?.ok || found?.fault.code, "file-refused", ref);
      }
    }));

  describe("in channels and group chats, by Microsoft Graph", () => {
    const attachment = "1150d938-8870-4044-9f2c-5bbdeba70c9d";
    const html = { contentType: "text/html", content: `<p>look</p><attachment id="${attachment}"></attachment>` };
    const group = "6f1c2f3e-0f0e-4d8a-9b57-3a3a3f4f5a5b";
    const ann = "7faf8ab2-3d56-4244-b585-20c8a42ed2b8";
    const address = "https://contoso.sharepoint.com/sites/x/Shared Documents/General/plan.txt";

    async function refFrom(account: TestAccount<Settings>, simulator: TeamsSimulator, conversation: string, more: object = {}) {
      const activity = simulator.activity(conversation, "29:ann", { type: "message", text: "look", attachments: [html], ...more });
      const result = await take(account, simulator, activity);
      const [event] = result.ok ? result.value.events : [];
      assert.ok(event?.kind === "message", JSON.stringify(result));
      const part = event.parts.find(({ type }) => type === "file");
      assert.ok(part && "source" in part);
      return { source: part.source, id: String(activity.id) };
    }
    const told = (simulator: TeamsSimulator, path: string, contentType = "reference") =>
      simulator.graph.set(path, { attachments: [{ id: attachment, contentType, contentUrl: address, name: "plan.txt" }] });
    const open = (simulator: TeamsSimulator) => openAccount(teams, { ...simulator.settings, graphRoot: `${simulator.url}/graph` });

    const places = [
      ["a reply in a channel", "19:abc@thread.tacv2;messageid=1481567603816", "channel"],
      ["a message that begins a thread", "19:abc@thread.tacv2", "channel"],
      ["a group chat", "19:def@thread.v2", "chat"],
    ] as const;
    for (const [name, conversation, kind] of places) {
      test(`${name}: the file is fetched from where files of it are, and from nowhere else`, () =>
        withAccount(async (_, simulator) => {
          const account = open(simulator);
          const channelData = { tenant: { id: simulator.tenant }, team: { aadGroupId: group } };
          const { source, id } = await refFrom(account, simulator, conversation, kind === "channel" ? { channelData } : {});
          assert.ok(source.at === "platform", JSON.stringify(source));
          const [chat, root] = conversation.split(";messageid=");
          const channel = `/teams/${group}/channels/${chat}`;
          const said = root ? `/messages/${root}/replies/${id}` : `/messages/${id}`;
          const message = kind === "channel" ? channel + said : `/chats/${chat}${said}`;
          const home = kind === "channel" ? `${channel}/filesFolder` : `/users/${ann}/drive`;
          const locate = async () => (await teams.locateFile?.(account, source.ref, never)) ?? assert.fail();

          const unknown = await locate();
          assert.ok(!unknown.ok && unknown.fault.code === "file-refused", JSON.stringify(unknown));
          told(simulator, message);
          simulator.graph.set(home, { id: "b!home", parentReference: { driveId: "b!home" } });
          simulator.files.set(address, { drive: "b!home", item: "01ABC", bytes: "the plan" });
          const found = await locate();
          assert.ok(found.ok, JSON.stringify(found));
          const got = await account.http.send(found.value);
          assert.equal(got.ok && Buffer.from(got.value.body).toString(), "the plan");

          simulator.files.set(address, { drive: "b!somebody-elses", item: "01ABC", bytes: "salaries" });
          const foreign = await locate();
          assert.ok(!foreign.ok && /somebody else's/.test(foreign.fault.message), JSON.stringify(foreign));
          told(simulator, message, "messageReference");
          const quoted = await locate();
          assert.ok(!quoted.ok && /no file/.test(quoted.fault.message));
          simulator.graphForbidden = true;
          const forbidden = await locate();
          assert.ok(!forbidden.ok && forbidden.fault.code === "file-refused" && /Forbidden/.test(forbidden.fault.message));
          assert.ok(!account.lines.join().includes("GRAPH-"), "a token is in the log");
          await account.close();
        }));
    }

    test("where the activity doesn't say whose it is, or Graph isn't set, it is a note", () =>
      withAccount(async (account, simulator) => {
        const graph = open(simulator);
        const unnamed = await refFrom(graph, simulator, "19:abc@thread.tacv2");
        const off = await refFrom(account, simulator, "19:def@thread.v2");
        assert.deepEqual([unnamed.source.at, off.source.at], ["nowhere", "nowhere"]);
        const refused = await teams.locateFile?.(account, `graph ["${attachment}","/me","/me/drive"]`, never);
        assert.ok(refused && !refused.ok && refused.fault.code === "file-refused");
        await graph.close();
      }));
  });
});
