import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { openAccount, type TestAccount } from "../../../test/contract/account.ts";
import { channelContract, outbound, type Platform, TestInbox } from "../../../test/contract/channel.ts";
import { startXmppSimulator, type XmppSimulator } from "../../../test/simulators/xmpp.ts";
import type { Fault } from "../../core/errors.ts";
import type { Chat, MessageEvent } from "../../core/event.ts";
import xmpp from "./index.ts";
import type { Settings } from "./settings.ts";

const never = new AbortController().signal;
const password = "a very secret password";
const ada: Chat = { id: "ada@localhost", kind: "direct" };
const kitchen: Chat = { id: "kitchen@rooms.localhost", kind: "group" };
const violations: string[] = [];
after(() => assert.deepEqual(violations, [], "what breaks the protocol"));

interface XmppPlatform extends Platform {
  readonly simulator: XmppSimulator;
}

const platformWith = (without: readonly string[]) => async (): Promise<XmppPlatform> => {
  const simulator = await startXmppSimulator();
  simulator.password = password;
  for (const one of without) simulator.without.add(one);
  simulator.rooms.set(kitchen.id, { nicks: new Map([["ada@localhost", "Ada"]]) });
  return {
    simulator,
    settings: { jid: "polly@localhost", password, server: `plain://127.0.0.1:${simulator.port}`, rooms: [kitchen.id] },
    chat: ada,
    seen: () => simulator.seen(ada.id),
    say: (text) => void simulator.say("ada@localhost/phone", text),
    cut: () => simulator.cutAll(),
    revoke() {
      simulator.password = "another";
      simulator.cutAll();
    },
    async close() {
      violations.push(...simulator.violations);
      await simulator.close();
    },
  };
};

const meets = (fault: string) => (one: Platform) => void (one as XmppPlatform).simulator.faults.push(fault);

for (const without of [[], ["sm", "mam", "sid", "occupant-id"]]) {
  describe(without.length === 0 ? "with acks, archives and ids" : "with none of them", () => {
    channelContract(xmpp, {
      platform: platformWith(without),
      secrets: [password, Buffer.from(`\0polly\0${password}`).toString("base64")],
      refusedSettings: {
        "the password is missing": { jid: "polly@localhost" },
        "the address names a device": { jid: "polly@localhost/phone", password },
        "the address is none": { jid: "polly", password },
        "the server is of another kind": { jid: "polly@localhost", password, server: "https://localhost" },
        "the password would cross a network unencrypted": { jid: "polly@localhost", password, server: "plain://xmpp.example.org" },
        "a room is none": { jid: "polly@localhost", password, rooms: ["kitchen"] },
        "the nick holds a slash": { jid: "polly@localhost", password, nick: "a/b" },
      },
      failures: {
        "a void password is refused": { arrange: (p) => p.revoke?.(), expect: "refused", code: "channel-auth" },
        "nobody of that name": { arrange: meets("service-unavailable"), expect: "refused", code: "channel-gone" },
        "forbidden is gone": { arrange: meets("forbidden"), expect: "refused", code: "channel-gone" },
        "what passes is tried again": { arrange: meets("wait:resource-constraint"), expect: "retry", code: "channel-retry" },
        "what is wrong with the message is permanent": { arrange: meets("jid-malformed"), expect: "refused", code: "channel-permanent" },
        "cut before the effect is unknown": { arrange: meets("cut"), expect: "unknown", code: "channel-unknown" },
        "accepted, then cut is unknown": { arrange: meets("do-and-cut"), expect: "unknown", seen: 1 },
        "no server": { arrange: (p) => (p as XmppPlatform).simulator.close(), expect: "retry", code: "channel-unreachable" },
      },
    });
  });
}

interface Scene {
  readonly account: TestAccount<Settings>;
  readonly simulator: XmppSimulator;
  readonly troubles: Map<string, Fault>;
  /** Listens until so many events came in all, or somebody ends it. */
  listen(wanted?: number): { readonly inbox: TestInbox; readonly done: Promise<Fault | undefined>; end(): void };
}

async function scene(
  run: (scene: Scene) => Promise<void>,
  { without = [], settings = {} }: { without?: readonly string[]; settings?: object } = {},
) {
  const platform = await platformWith(without)();
  const account = openAccount(xmpp, { ...(platform.settings as object), ...settings });
  Object.assign(account, { admits: () => true });
  const troubles = new Map<string, Fault>();
  let cursor: string | undefined;
  const ends: AbortController[] = [];
  try {
    await run({
      ...{ account, simulator: platform.simulator, troubles },
      listen(wanted = Number.POSITIVE_INFINITY) {
        const end = new AbortController();
        ends.push(end);
        const inbox = Object.assign(new TestInbox(end, wanted), {
          trouble: (part: string, why: Fault | undefined) => void (why ? troubles.set(part, why) : troubles.delete(part)),
        });
        inbox.cursor = cursor;
        const done = Promise.resolve(xmpp.listen?.(account, inbox, end.signal)).then((why) => {
          cursor = inbox.cursor;
          return why;
        });
        return { inbox, done, end: () => end.abort() };
      },
    });
  } finally {
    for (const end of ends) end.abort();
    await account.close();
    await platform.close();
  }
}

const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
};
const isIn = (simulator: XmppSimulator) => until(() => simulator.rooms.get(kitchen.id)?.nicks.has("polly@localhost") ?? false);

const textOf = ({ parts }: MessageEvent) => (parts[0]?.type === "text" ? parts[0].text : undefined);

describe("xmpp: whose message it is", () => {
  test("people in a room count by their address, or by their occupant-id, never by their nick", () =>
    scene(async ({ simulator, listen }) => {
      const listening = listen(3);
      await isIn(simulator);
      const forged = "<x xmlns='http://jabber.org/protocol/muc#user'><item jid='bea@localhost/x'/></x>";
      simulator.say(`${kitchen.id}/Ada`, "polly: hello", `${forged}<occupant-id xmlns='urn:xmpp:occupant-id:0' id='o-Ada'/>`);
      simulator.say(`${kitchen.id}/Unseen`, "one", "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='o-7'/>");
      simulator.say(`${kitchen.id}/Nobody`, "two", forged);
      await listening.done;
      assert.deepEqual(
        listening.inbox.events.map(({ sender }) => sender.id),
        ["ada@localhost", `occupant:o-7@${kitchen.id}`, `unproven:${kitchen.id}`],
      );
      const [first] = listening.inbox.events;
      assert.ok(first?.kind === "message" && first.addressed);
      assert.deepEqual(first.parts, [{ type: "text", text: "hello", markup: "plain" }]);
    }));

  test("where the service knows no occupant-ids, those in a message are the sender's invention", () =>
    scene(
      async ({ simulator, listen }) => {
        const listening = listen(1);
        await isIn(simulator);
        simulator.say(`${kitchen.id}/Nobody`, "hi", "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='o-Ada'/>");
        await listening.done;
        assert.equal(listening.inbox.events[0]?.sender.id, `unproven:${kitchen.id}`);
      },
      { without: ["occupant-id"] },
    ));

  test("an address said twice in a presence is nobody's", () =>
    scene(async ({ simulator, listen }) => {
      const listening = listen(1);
      await isIn(simulator);
      const x = (jid: string) => `<x xmlns='http://jabber.org/protocol/muc#user'><item jid='${jid}'/></x>`;
      simulator.push(`<presence from='${kitchen.id}/Eve'>${x("ada@localhost/x")}${x("eve@localhost/x")}</presence>`);
      simulator.say(`${kitchen.id}/Eve`, "it is me, Ada");
      await listening.done;
      assert.equal(listening.inbox.events[0]?.sender.id, `unproven:${kitchen.id}`);
    }));

  test("whispers out of a room are not read", () =>
    scene(async ({ simulator, listen }) => {
      const listening = listen(1);
      await isIn(simulator);
      simulator.push(`<message from='${kitchen.id}/Ada' type='chat' id='w1'><body>psst</body></message>`);
      simulator.push(
        `<message from='other@rooms.localhost/Ada' type='chat' id='w2'><body>psst</body><x xmlns='http://jabber.org/protocol/muc#user'/></message>`,
      );
      simulator.say("ada@localhost/phone", "aloud");
      await listening.done;
      assert.deepEqual(listening.inbox.texts(), ["aloud"]);
    }));

  test("an id counts only if the archive's keeper wrote it", () =>
    scene(async ({ simulator, listen }) => {
      const listening = listen(2);
      await isIn(simulator);
      const forged = "<stanza-id xmlns='urn:xmpp:sid:0' by='ada@localhost' id='same'/>";
      for (const words of ["one", "two"]) simulator.say("ada@localhost/phone", words, forged);
      await listening.done;
      assert.deepEqual(listening.inbox.texts(), ["one", "two"]);
    }));
});

describe("xmpp: changes, replies, files", () => {
  test("corrections, retractions and reactions name the message; only who wrote it may change it", () =>
    scene(async ({ simulator, listen }) => {
      const listening = listen(6);
      await isIn(simulator);
      simulator.say(`${kitchen.id}/Ada`, "tea", "", "a1");
      await until(() => listening.inbox.events.length === 1);
      const [said] = listening.inbox.events;
      assert.ok(said?.kind === "message");
      const replace = "<replace xmlns='urn:xmpp:message-correct:0' id='a1'/>";
      const retract = `<retract xmlns='urn:xmpp:message-retract:1' id='${said.platformId}'/>`;
      simulator.say(`${kitchen.id}/Ada`, "coffee", replace, "a2");
      simulator.say(`${kitchen.id}/Bea`, "poison", replace, "b1");
      simulator.say(`${kitchen.id}/Bea`, "gone", retract, "b2");
      simulator.say(
        `${kitchen.id}/Ada`,
        "👍",
        `<reactions xmlns='urn:xmpp:reactions:0' id='${said.platformId}'><reaction>👍</reaction></reactions>`,
        "a3",
      );
      simulator.say(`${kitchen.id}/Ada`, "gone", retract, "a4");
      simulator.say("ada@localhost/phone", "b", "<replace xmlns='urn:xmpp:message-correct:0' id='d1'/>", "d2");
      await listening.done;
      const told = listening.inbox.events.map((event) => [
        event.kind,
        event.sender.id,
        "platformId" in event && event.platformId === said.platformId,
      ]);
      const [adas, beas] = ["ada@localhost", `unproven:${kitchen.id}`];
      // Whoever corrects what they didn't write has only said something; taking it back does nothing.
      assert.deepEqual(told, [
        ["message", adas, true],
        ["edit", adas, true],
        ["message", beas, false],
        ["reaction", adas, true],
        ["delete", adas, true],
        ["edit", adas, false],
      ]);
    }));

  test("a reply is without what it quotes, and addresses whom it answers", () =>
    scene(async ({ simulator, listen }) => {
      const listening = listen(1);
      await isIn(simulator);
      const reply = `<reply xmlns='urn:xmpp:reply:0' to='${kitchen.id}/polly' id='id-9'/>`;
      const fallback = "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='4'/></fallback>";
      simulator.say(`${kitchen.id}/Ada`, "&gt; 🐦\nwhy?", reply + fallback);
      await listening.done;
      const [event] = listening.inbox.events;
      assert.ok(event?.kind === "message");
      assert.deepEqual([event.parts, event.replyTo, event.addressed], [[{ type: "text", text: "why?", markup: "plain" }], "id-9", true]);
    }));

  test("a file is where its address says; an encrypted message is named so", () =>
    scene(async ({ account, simulator, listen }) => {
      const listening = listen(2);
      await isIn(simulator);
      const url = "https://files.example.org/a%20b.png";
      simulator.say("ada@localhost/phone", url, `<x xmlns='jabber:x:oob'><url>${url}</url></x>`);
      simulator.say("ada@localhost/phone", "I sent you an OMEMO message", "<encryption xmlns='urn:xmpp:eme:0' namespace='eu.siacs'/>");
      await listening.done;
      const parts = listening.inbox.events.map((event) => event.kind === "message" && event.parts);
      assert.deepEqual(parts[0], [{ type: "image", source: { at: "platform", ref: url }, name: "a b.png" }]);
      assert.match(JSON.stringify(parts[1]), /encrypted message/);
      const located = await xmpp.locateFile?.(account, url, never);
      assert.deepEqual(located, { ok: true, value: { method: "GET", url, trust: "public" } });
    }));

  test("what XML can't hold is not written", () =>
    scene(async ({ account, simulator }) => {
      assert.equal((await xmpp.send(account, outbound(ada, "a\u0000b\u000bc\ud800"), never)).kind, "sent");
      assert.deepEqual(simulator.seen(ada.id), ["a\ufffdb\ufffdc\ufffd"]);
    }));

  test("hostile stanzas take nothing else with them", () =>
    scene(async ({ simulator, listen }) => {
      const listening = listen(1);
      await isIn(simulator);
      const deep = `${"<a>".repeat(20_000)}${"</a>".repeat(20_000)}`;
      for (const stanza of [
        "<message/>",
        "<message from=''/>",
        "<message from='a@b/c' type='error'/>",
        "<presence from='x'/>",
        "<iq type='result'/>",
        "<iq type='get' id='1' from='a@b/c'/>",
        `<message from='eve@localhost/x' type='chat'>${deep}</message>`,
        `<iq type='get' id='2' from='a@b/c'>${deep}</iq>`,
        "<message from='eve@localhost'><result xmlns='urn:xmpp:mam:2' queryid='x'><forwarded xmlns='urn:xmpp:forward:0'/></result></message>",
        "<message from='eve@localhost'><x xmlns='jabber:x:conference'/></message>",
        "<message from='eve@localhost'><reactions xmlns='urn:xmpp:reactions:0'/><replace xmlns='urn:xmpp:message-correct:0'/></message>",
        "<message from='eve@localhost' type='error' id='dl_0000000000000000000000'/>",
      ])
        simulator.push(stanza);
      simulator.say("ada@localhost/phone", "still here");
      await until(() => listening.inbox.texts().includes("still here"));
      listening.end();
      assert.equal(await listening.done, undefined);
    }));
});

describe("xmpp: nothing lost, nothing twice", () => {
  test("the server may forget a message only once it is on disk", () =>
    scene(async ({ simulator, listen }) => {
      const listening = listen(2);
      await isIn(simulator);
      simulator.say("ada@localhost/phone", "one");
      await until(() => listening.inbox.events.length === 1);
      await until(() => simulator.unacknowledged() === 0);
      listening.inbox.refuseNext = true;
      simulator.say("ada@localhost/phone", "two");
      assert.equal((await listening.done)?.code, "store-unavailable");
      assert.equal(simulator.unacknowledged(), 1);
      const again = listen(1);
      await again.done;
      assert.deepEqual(again.inbox.texts(), ["two"]);
    }));

  test("an archive that has forgotten where we were is asked by the time", () =>
    scene(async ({ simulator, listen }) => {
      const first = listen(1);
      await isIn(simulator);
      simulator.say(`${kitchen.id}/Ada`, "one");
      await first.done;
      simulator.cutAll();
      for (const words of ["two", "three", "four", "five"]) simulator.say(`${kitchen.id}/Ada`, words);
      simulator.forget(1);
      const second = listen(4);
      await second.done;
      assert.deepEqual(second.inbox.texts(), ["two", "three", "four", "five"]);
    }));

  test("an archive that can't be read for a while is read later, before anything newer", () =>
    scene(async ({ simulator, troubles, listen }) => {
      const first = listen(2);
      await isIn(simulator);
      const say = (words: string) => {
        simulator.say(`${kitchen.id}/Ada`, words);
        simulator.say("ada@localhost/phone", words);
      };
      say("one");
      await first.done;
      simulator.cutAll();
      say("two");
      simulator.archiveFaults.set("polly@localhost", ["wait:resource-constraint"]);
      assert.equal((await listen().done)?.code, "channel-retry");
      simulator.archiveFaults.set(kitchen.id, ["wait:resource-constraint"]);
      const second = listen();
      await until(() => troubles.has(kitchen.id));
      say("three");
      await until(() => second.inbox.texts().includes("three"));
      second.end();
      await second.done;
      const third = listen();
      // Ada's own third stands behind the room's, which wasn't stored: the server tells it again, and it need not wait for the room's past.
      const inKitchen = () => third.inbox.events.filter(({ chat }) => chat.id === kitchen.id);
      await until(() => inKitchen().some((event) => event.kind === "message" && textOf(event) === "three"));
      const heard = [...second.inbox.events.filter(({ chat }) => chat.id === kitchen.id), ...inKitchen()];
      assert.deepEqual(
        heard.map((event) => event.kind === "message" && textOf(event)),
        ["two", "three"],
      );
    }));

  test("what arrived before a cut is found, and not sent again; it settles what nobody knew", () =>
    scene(async ({ account, simulator, listen }) => {
      const listening = listen();
      await isIn(simulator);
      for (const chat of [ada, kitchen]) {
        const message = outbound(chat, "once");
        simulator.faults.push("do-and-cut");
        assert.equal((await xmpp.send(account, message, never)).kind, "unknown");
        await listening.done;
        const { inbox } = listen();
        await until(() => inbox.events.some((event) => event.kind === "receipt" && event.delivery === message.delivery));
        await isIn(simulator);
        assert.equal((await xmpp.send(account, message, never)).kind, "sent");
        assert.deepEqual(simulator.seen(chat.id), ["once"]);
        if (chat === kitchen) break;
        simulator.cutAll();
        await until(() => !simulator.rooms.get(kitchen.id)?.nicks.has("polly@localhost"));
        listen();
        await isIn(simulator);
      }
    }));

  test("a room that lost us is entered again, and the message tried again", () =>
    scene(async ({ account, simulator, listen }) => {
      listen();
      await isIn(simulator);
      assert.equal((await xmpp.send(account, outbound(kitchen, "one"), never)).kind, "sent");
      simulator.rooms.get(kitchen.id)?.nicks.delete("polly@localhost");
      const lost = await xmpp.send(account, outbound(kitchen, "two"), never);
      assert.equal(lost.kind, "retry", JSON.stringify(lost));
      assert.equal((await xmpp.send(account, outbound(kitchen, "two"), never)).kind, "sent");
    }));

  test("in a room without ids corrections name ours, which nobody can turn against it", () =>
    scene(
      async ({ account, simulator, listen }) => {
        const { inbox } = listen();
        await isIn(simulator);
        const message = outbound(kitchen, "one");
        const sent = await xmpp.send(account, message, never);
        assert.ok(sent.kind === "sent" && sent.receipt !== message.delivery);
        const edited = await xmpp.edit?.(account, { ...outbound(kitchen, "two"), receipt: sent.receipt }, never);
        assert.equal(edited?.kind, "sent");
        assert.deepEqual(simulator.seen(kitchen.id), ["two"]);
        simulator.push(`<message from='eve@localhost' type='error' id='${message.delivery}'><error type='cancel'/></message>`);
        await until(() => inbox.events.length === 1);
        assert.ok(inbox.events[0]?.kind === "receipt" && inbox.events[0].platformId !== sent.receipt);
      },
      { without: ["sid", "mam", "occupant-id"] },
    ));

  test("what is refused behind the server's word fails afterwards", () =>
    scene(async ({ account, simulator, listen }) => {
      const { inbox } = listen();
      await isIn(simulator);
      const message = outbound(ada, "hello");
      assert.equal((await xmpp.send(account, message, never)).kind, "sent");
      const error = "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
      simulator.push(`<message from='ada@localhost' type='error' id='${message.delivery}'>${error}</message>`);
      await until(() => inbox.events.length === 1);
      const [event] = inbox.events;
      assert.ok(
        event?.kind === "receipt" &&
          event.state === "failed" &&
          event.error?.code === "channel-gone" &&
          event.platformId === message.delivery &&
          event.delivery === undefined,
      );
    }));
});
