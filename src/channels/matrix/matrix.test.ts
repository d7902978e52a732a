import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { openAccount } from "../../../test/contract/account.ts";
import { channelContract, outbound, type Platform, TestInbox } from "../../../test/contract/channel.ts";
import { describeViolation, descriptionMissing } from "../../../test/simulators/matrix/description.ts";
import { type MatrixFault, type MatrixSimulator, startMatrixSimulator } from "../../../test/simulators/matrix.ts";
import { decode, type RoomFacts } from "./decode.ts";
import { readEvent, readSync } from "./event.ts";
import matrix from "./index.ts";
import { invitationOf } from "./join.ts";
import { Rooms } from "./rooms.ts";

const self = "@bot:example.com";
const token = "syt_Ym90_a_very_secret_token";
const never = new AbortController().signal;
const violations: string[] = [];
after(() => assert.deepEqual(violations, [], "calls that break the description of the API"));

interface MatrixPlatform extends Platform {
  readonly simulator: MatrixSimulator;
}

async function platform(): Promise<MatrixPlatform> {
  const simulator = await startMatrixSimulator();
  return {
    simulator,
    settings: { homeserver: simulator.url, token },
    account: { identity: { id: self, name: self } },
    chat: { id: simulator.room, kind: "direct" },
    seen: () => simulator.shown(),
    say: (text) => simulator.addOnceSeen(simulator.event("@ada:example.com", { msgtype: "m.text", body: text })),
    cut: () => simulator.cut(),
    revoke: () => {
      simulator.token = "another";
    },
    violations: simulator.violations,
    async close() {
      violations.push(...simulator.violations);
      await simulator.close();
    },
  };
}

const meets = (what: MatrixFault["what"]) => (one: Platform) => void (one as MatrixPlatform).simulator.faults.push({ on: "send", what });
const refusal = (status: number, errcode: string, error = "no", headers: Record<string, string> = {}) =>
  meets({ status, body: { errcode, error }, headers });

channelContract(matrix, {
  platform,
  secrets: [token],
  refusedSettings: {
    "the token is missing": { homeserver: "https://example.com" },
    "the homeserver is no address": { homeserver: "example.com", token },
    "the homeserver is of another kind": { homeserver: "ftp://example.com", token },
  },
  failures: {
    "a void token is refused": { arrange: (p) => p.revoke?.(), expect: "refused", code: "channel-auth" },
    "no power to speak is permanent": {
      arrange: refusal(403, "M_FORBIDDEN", "You don't have permission to post that to the room"),
      expect: "refused",
      code: "channel-permanent",
    },
    "who left the room is gone": {
      arrange: refusal(403, "M_FORBIDDEN", "User @bot:example.com not in room !room:example.com"),
      expect: "refused",
      code: "channel-gone",
    },
    "too large is permanent": { arrange: refusal(413, "M_TOO_LARGE"), expect: "refused", code: "channel-permanent" },
    "a limit waits": {
      arrange: refusal(429, "M_LIMIT_EXCEEDED", "Too Many Requests", { "retry-after": "3" }),
      expect: "retry",
      code: "channel-retry",
    },
    "502 of a proxy is unknown, and repeated": { arrange: meets({ status: 502, body: "bad gateway" }), expect: "unknown" },
    "cut before the effect is unknown": { arrange: meets("cut"), expect: "unknown" },
    "accepted, then cut is unknown": { arrange: meets("do-and-cut"), expect: "unknown", seen: 1 },
  },
});

test("the simulator checks against the published description", { skip: descriptionMissing }, () => {
  const url = (path: string) => new URL(path, "http://127.0.0.1/");
  const send = "/_matrix/client/v3/rooms/!a:b/send/m.room.message/1";
  assert.equal(describeViolation("PUT", url(send), { msgtype: "m.text", body: "x" }), undefined);
  for (const [method, path, body] of [
    ["PUT", send, { msgtype: "m.text" }],
    ["PUT", send, { msgtype: "m.image", body: "x", url: 7 }],
    ["PUT", send, { msgtype: "m.strange", body: "x" }],
    ["POST", send, {}],
    ["GET", "/_matrix/client/v3/sync?strange=1", undefined],
    ["PUT", "/_matrix/client/v3/rooms/!a:b/typing/@c:d", { timeout: 1 }],
  ] as const) {
    assert.ok(describeViolation(method, url(path), body), `${method} ${path}`);
  }
});

describe("matrix: sending", () => {
  test("Retry-After goes before retry_after_ms, and both are kept", async () => {
    for (const [headers, body, afterMs] of [
      [{ "retry-after": "7" }, { retry_after_ms: 1 }, 7_000],
      [{}, { retry_after_ms: 1_500 }, 1_500],
      [{ "retry-after": "soon" }, {}, undefined],
    ] as const) {
      const stand = await platform();
      const account = openAccount(matrix, stand.settings, stand.account);
      stand.simulator.faults.push({ on: "send", what: { status: 429, headers, body: { errcode: "M_LIMIT_EXCEEDED", ...body } } });
      const outcome = await matrix.send(account, outbound(stand.chat, "x"), never);
      assert.ok(outcome.kind === "retry");
      assert.equal(outcome.afterMs, afterMs);
      await account.close();
      await stand.close();
    }
  });

  test("a file's address that is none is refused without a call", async () => {
    const unused = () => assert.fail("a call was made");
    const account = openAccount(matrix, { homeserver: "https://matrix.example.com/", token }, { http: { send: unused, stream: unused } });
    for (const ref of ["https://evil.example/x", "mxc://a/../../x", "mxc://a/b/c", "mxc://a/b?c", "mxc:///b", ""]) {
      const located = await matrix.locateFile?.(account, ref, never);
      assert.ok(located && !located.ok && located.fault.code === "file-refused", ref);
    }
    const located = await matrix.locateFile?.(account, "mxc://example.com:8448/AbC-1", never);
    assert.ok(located?.ok);
    assert.equal(located.value.url, "https://matrix.example.com/_matrix/client/v1/media/download/example.com%3A8448/AbC-1");
  });
});

test("matrix: what a stranger puts into an event costs nobody anything", async () => {
  const stand = await platform();
  const account = openAccount(matrix, stand.settings, stand.account);
  const odd = JSON.parse(`{"msgtype":"m.text","body":"a","__proto__":{"b":1},"deep":${"[".repeat(300)}${"]".repeat(300)}}`) as Record<
    string,
    unknown
  >;
  stand.simulator.addOnceSeen(stand.simulator.event("@ada:example.com", odd));
  const end = new AbortController();
  const inbox = new TestInbox(end, 1);
  assert.equal(await matrix.listen?.(account, inbox, end.signal), undefined);
  assert.deepEqual(inbox.texts(), ["a"]);
  await account.close();
  await stand.close();
});

const group: RoomFacts = { direct: false, title: "Kitchen", names: new Map([["@ada:example.com", "Ada"]]) };

function heard(content: object, more: object = {}, facts = group) {
  const event = readEvent({ type: "m.room.message", event_id: "$1", sender: "@ada:example.com", origin_server_ts: 5, content, ...more });
  assert.ok(event);
  return decode(event, "!room:example.com", facts, self);
}

describe("matrix: decoding", () => {
  test("a message", () => {
    assert.deepEqual(heard({ msgtype: "m.text", body: "hello", "m.mentions": { user_ids: [self] } }), {
      ...{ kind: "message", key: "$1", platformId: "$1", at: 5, addressed: true },
      chat: { id: "!room:example.com", kind: "group", title: "Kitchen" },
      sender: { id: "@ada:example.com", name: "Ada", handle: "@ada:example.com", bot: false, self: false },
      parts: [{ type: "text", text: "hello", markup: "plain" }],
    });
  });

  const mentions: [why: string, content: object, addressed: boolean][] = [
    ["nobody", { body: "hello" }, false],
    ["others", { body: "hello @bot:example.com", "m.mentions": { user_ids: ["@eve:example.com"] } }, false],
    ["a pill", { body: "Bot: hi", formatted_body: `<a href="https://matrix.to/#/${self}">Bot</a>: hi` }, true],
    ["an encoded pill", { body: "Bot: hi", formatted_body: `<a href="https://matrix.to/#/${encodeURIComponent(self)}">Bot</a>: hi` }, true],
    ["a pill of somebody whose name begins alike", { body: "x", formatted_body: `<a href="https://matrix.to/#/${self}.org">x</a>` }, false],
    ["strange mentions", { body: "hi", "m.mentions": { user_ids: "x" } }, false],
  ];
  for (const [why, content, addressed] of mentions) {
    test(`addressed: ${why}`, () => {
      const event = heard({ msgtype: "m.text", ...content });
      assert.equal(event?.kind === "message" && event.addressed, addressed);
      const direct = heard({ msgtype: "m.text", ...content }, {}, { ...group, direct: true });
      assert.equal(direct?.kind === "message" && direct.addressed, true);
    });
  }

  test("files, with what is said beside them; encrypted ones with what opens them", () => {
    const parts = (content: object) => {
      const event = heard(content);
      return event?.kind === "message" ? event.parts : [];
    };
    const source = { at: "platform", ref: "mxc://example.com/abc", mediaType: "image/png", size: 7 };
    const url = "mxc://example.com/abc";
    const info = { mimetype: "image/png", size: 7 };
    assert.deepEqual(parts({ msgtype: "m.image", body: "a.png", url, info }), [{ type: "image", source, name: "a.png" }]);
    assert.deepEqual(parts({ msgtype: "m.image", body: "look", filename: "a.png", url, info }), [
      { type: "image", source, name: "a.png", caption: "look" },
    ]);
    assert.deepEqual(parts({ msgtype: "m.audio", body: "v", url, "org.matrix.msc3245.voice": {} })[0]?.type, "voice");
    assert.deepEqual(parts({ msgtype: "m.file", body: "x", file: { url } }), [
      { type: "file", source: { at: "nowhere", reason: "how it is encrypted can't be read" } },
    ]);
    const key = {
      kty: "oct",
      alg: "A256CTR",
      ext: true,
      key_ops: ["encrypt", "decrypt"],
      k: "aWF6-32KGYaC3A_FEUCk1Bt0JA37zP0wrStgmdCaW-0",
    };
    const file = { v: "v2", url, key, iv: "w+sE15fzSc0AAAAAAAAAAA", hashes: { sha256: "fdSLu/YkRx3Wyh3KQabP3rd6+SFiKg5lsJZQHtkSAYA" } };
    const [sealed] = parts({ msgtype: "m.file", body: "x", file });
    assert.ok(sealed && "source" in sealed && sealed.source.at === "platform" && sealed.source.ref.startsWith(`${url}#`));
    assert.deepEqual(parts({ msgtype: "m.file", body: "x", url: "https://evil.example" })[0], {
      type: "file",
      source: { at: "nowhere", reason: "its address can't be read" },
    });
  });

  test("an encrypted message says that it can't be read", () => {
    const event = heard({ algorithm: "m.megolm.v1.aes-sha2", ciphertext: "x" }, { type: "m.room.encrypted" });
    assert.deepEqual(event?.kind === "message" && event.parts, [
      { type: "text", text: "[An encrypted message. This account can't read encrypted rooms.]", markup: "plain" },
    ]);
  });

  test("a redaction, as new rooms say it and as old ones do", () => {
    const base = { kind: "delete", key: "$1", platformId: "$0", at: 5, chat: { id: "!room:example.com", kind: "group", title: "Kitchen" } };
    const sender = { id: "@ada:example.com", name: "Ada", handle: "@ada:example.com", bot: false, self: false };
    assert.deepEqual(heard({ redacts: "$0" }, { type: "m.room.redaction" }), { ...base, sender });
    assert.deepEqual(heard({}, { type: "m.room.redaction", redacts: "$0" }), { ...base, sender });
    assert.equal(heard({}, { type: "m.room.redaction" }), undefined);
  });

  test("its own messages are nothing, and neither is a new name or picture of its own", () => {
    assert.equal(heard({ msgtype: "m.text", body: "x" }, { sender: self }), undefined);
    const member = (content: object, unsigned?: object) =>
      heard(content, { type: "m.room.member", state_key: self, sender: self, unsigned });
    assert.equal(member({ membership: "join" }, { prev_content: { membership: "join" } }), undefined);
    assert.equal((member({ membership: "join" }, { prev_content: { membership: "invite" } }) as { change?: string }).change, "joined");
    assert.equal((member({ membership: "ban" }) as { change?: string }).change, "blocked");
    assert.equal(heard({ membership: "join" }, { type: "m.room.member", state_key: "@eve:example.com" }), undefined);
  });

  test("hostile events are nothing or words, never a throw", () => {
    const strange: unknown[] = [null, -1, "", true, [], [null], {}, { id: {} }, "x".repeat(10_000)];
    const whole = {
      msgtype: "m.image",
      body: "b",
      url: "mxc://a/b",
      info: {},
      filename: "f",
      "m.mentions": {},
      "m.relates_to": {},
      "m.new_content": {},
      geo_uri: "geo:1,2",
    };
    for (const msgtype of ["m.text", "m.image", "m.location", "m.emote", "m.strange"]) {
      for (const key of Object.keys(whole)) for (const value of strange) heard({ ...whole, msgtype, [key]: value });
      for (const key of ["rel_type", "event_id", "m.in_reply_to", "key"]) {
        for (const value of strange)
          for (const type of ["m.room.message", "m.reaction"])
            heard({ ...whole, msgtype, "m.relates_to": { rel_type: "m.replace", event_id: "$0", [key]: value } }, { type });
      }
    }
    for (const value of strange) {
      assert.equal(readEvent(value), undefined);
      readSync(value);
      for (const key of ["join", "invite", "leave"]) {
        const sync = readSync({ next_batch: "s1", rooms: { [key]: { "!a:b": value } } });
        assert.ok(sync);
        new Rooms(self).learn(sync);
      }
      const sync = readSync({
        next_batch: "s1",
        rooms: { join: { "!a:b": { timeline: { events: [value] }, state: value, summary: value } } },
        account_data: value,
      });
      assert.ok(sync, JSON.stringify(value));
      new Rooms(self).learn(sync);
    }
  });
});

describe("matrix: rooms", () => {
  test("two people are direct, more are a group, and an unknown number too; m.direct is the owner's word", () => {
    const rooms = new Rooms(self);
    const learn = (id: string, summary: object, account_data: unknown[] = []) => {
      const sync = readSync({ next_batch: "s", rooms: { join: { [id]: { summary } } }, account_data: { events: account_data } });
      assert.ok(sync);
      rooms.learn(sync);
    };
    learn("!two:x", { "m.joined_member_count": 2, "m.invited_member_count": 0 });
    learn("!more:x", { "m.joined_member_count": 2, "m.invited_member_count": 1 });
    learn("!unknown:x", {});
    assert.deepEqual(
      ["!two:x", "!more:x", "!unknown:x"].map((id) => rooms.facts(id).direct),
      [true, false, false],
    );
    learn("!two:x", { "m.joined_member_count": 3 });
    learn("!two:x", {});
    learn("!marked:x", { "m.joined_member_count": 9 }, [{ type: "m.direct", content: { "@ada:x": ["!marked:x"] } }]);
    assert.deepEqual(
      ["!two:x", "!marked:x"].map((id) => rooms.facts(id).direct),
      [false, true],
    );
  });

  test("an invitation says who invites", () => {
    const member = (state_key: string, content: object) => ({
      type: "m.room.member",
      sender: "@ada:x",
      state_key,
      content: content as Record<string, unknown>,
    });
    assert.deepEqual(
      invitationOf("!r:x", [member("@ada:x", { membership: "join" }), member(self, { membership: "invite", is_direct: true })], self),
      {
        chat: { id: "!r:x", kind: "direct" },
        sender: { id: "@ada:x", bot: false, self: false },
      },
    );
    assert.equal(invitationOf("!r:x", [member(self, { membership: "invite" })], self)?.chat.kind, "group");
    assert.equal(invitationOf("!r:x", [member("@eve:x", { membership: "invite" })], self), undefined);
  });
});
