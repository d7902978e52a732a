import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import xmpp from "../../src/channels/xmpp/index.ts";
import type { Fault } from "../../src/core/errors.ts";
import type { Chat } from "../../src/core/event.ts";
import type { FileId } from "../../src/core/ids.ts";
import { createHttpClient } from "../../src/http/client.ts";
import { openAccount } from "../contract/account.ts";
import { outbound, TestInbox } from "../contract/channel.ts";
import { startEjabberd, startProsody, type XmppServer, xmppServersMissing } from "../servers/xmpp.ts";
import type { XmppPerson } from "../servers/xmpp-person.ts";

/** The channel on two real servers that were written by different people. */

const skip = xmppServersMissing();
const never = new AbortController().signal;
const password = "polly-password-0123";
const ada: Chat = { id: "ada@localhost", kind: "direct" };

for (const start of [startProsody, startEjabberd]) {
  const isProsody = start === startProsody;
  describe(`XMPP on ${isProsody ? "Prosody" : "ejabberd"}`, { skip, timeout: 300_000 }, () => {
    let server: XmppServer;
    let adaPerson: XmppPerson;
    let room: Chat;
    let rooms = 0;
    /** Keys of what any life got: what a server sends again, because we left before it heard that we have it, is known by them. */
    const known = new Set<string>();
    before(async () => {
      server = await start();
      (await server.person("polly", { password })).close();
      adaPerson = await server.person("ada");
    });
    after(() => server?.[Symbol.asyncDispose]());

    const freshRoom = async (fields: Readonly<Record<string, string>> = {}) => {
      room = { id: `room${++rooms}@${server.rooms}`, kind: "group" };
      await adaPerson.makeRoom(room.id, "Ada", fields);
      return room.id;
    };

    /** The account, listening until the block ends; in the next life it goes on from the cursor. */
    const life = (settings: object = {}, cursor?: string) => {
      const http = createHttpClient({ allowPrivate: () => ["localhost"] });
      const files = { fi_0: Buffer.from("a file's bytes") };
      const account = openAccount(
        xmpp,
        { jid: "polly@localhost", password, server: server.starttls, ca: server.certificate.certificate, ...settings },
        { http, files },
      );
      Object.assign(account, { admits: () => true });
      const end = new AbortController();
      const troubles = new Map<string, Fault>();
      const inbox = Object.assign(new TestInbox(end, Number.POSITIVE_INFINITY, known), {
        trouble: (part: string, why: Fault | undefined) => void (why ? troubles.set(part, why) : troubles.delete(part)),
      });
      inbox.cursor = cursor;
      const listening = Promise.resolve(xmpp.listen?.(account, inbox, end.signal));
      return {
        ...{ account, inbox, troubles, listening },
        until: async (holds: () => boolean) => {
          while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
        },
        async [Symbol.asyncDispose]() {
          end.abort();
          await listening;
          await http.close();
        },
      };
    };
    const isIn = async (where: string) => {
      await adaPerson.until(({ name, attrs }) => name === "presence" && attrs.from === `${where}/polly` && attrs.type === undefined);
    };

    test("TLS from the start, by STARTTLS, never without; a certificate of its own making, a wrong password", async () => {
      const probe = (settings: object) => xmpp.probe(openAccount(xmpp, { jid: "polly@localhost", password, ...settings }), never);
      const { certificate: ca } = server.certificate;
      for (const address of [server.direct, server.starttls]) {
        assert.ok((await probe({ server: address, ca })).ok);
        const stranger = await probe({ server: address });
        assert.ok(!stranger.ok && stranger.fault.code === "channel-unreachable", "a certificate that nobody vouches for");
        assert.match(stranger.fault.message, /self-signed certificate/);
      }
      const elsewhere = await probe({ jid: "polly@elsewhere.example", server: server.direct, ca });
      assert.ok(!elsewhere.ok && elsewhere.fault.code === "channel-unreachable", "a certificate for another domain");
      const wrong = await probe({ server: server.direct, ca, password: "wrong" });
      assert.ok(!wrong.ok && wrong.fault.code === "channel-auth");
    });

    test("direct: both ways, corrections, reactions, what bounces, what is missed while nobody listens", async () => {
      let cursor: string | undefined;
      {
        await using polly = life();
        assert.ok((await xmpp.send(polly.account, outbound(ada, "hello <ada> & ü🐦"), never)).kind === "sent");
        await adaPerson.read("polly@localhost", "hello <ada> & ü🐦");
        const id = adaPerson.write("polly@localhost", "tea");
        adaPerson.write("polly@localhost", "coffee", { more: `<replace xmlns='urn:xmpp:message-correct:0' id='${id}'/>` });
        await polly.until(() => polly.inbox.events.filter(({ kind }) => kind !== "receipt").length >= 2);
        const [said, changed] = polly.inbox.events.filter(({ kind }) => kind !== "receipt");
        assert.ok(said?.kind === "message" && said.sender.id === "ada@localhost" && said.platformId === id);
        assert.ok(changed?.kind === "edit" && changed.platformId === id);
        assert.equal(await xmpp.react?.(polly.account, { chat: ada, platformId: id, reaction: "👍" }, never), undefined);
        await adaPerson.until((one) => one.getChild("reactions")?.attrs.id === id);
        const bounced = await xmpp.send(polly.account, outbound({ id: "nobody@localhost", kind: "direct" }, "hi"), never);
        assert.ok(bounced.kind === "refused" && bounced.code === "channel-gone", JSON.stringify(bounced));
        cursor = polly.inbox.cursor;
      }
      for (let index = 0; index < 130; index++) adaPerson.write("polly@localhost", `missed ${index}`);
      await adaPerson.ask("<iq type='get' id='{id}' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>");
      {
        await using polly = life({}, cursor);
        await polly.until(() => polly.inbox.texts().length >= 130);
        adaPerson.write("polly@localhost", "last");
        await polly.until(() => polly.inbox.texts().includes("last"));
        assert.deepEqual(polly.inbox.texts(), [...Array.from({ length: 130 }, (_, index) => `missed ${index}`), "last"]);
      }
    });

    test("a room: its people by their address, echoes as receipts, corrections, what is missed", async () => {
      const where = await freshRoom();
      let cursor: string | undefined;
      let receipt = "";
      {
        await using polly = life({ rooms: [where] });
        await isIn(where);
        const sent = await xmpp.send(polly.account, outbound(room, "hello room"), never);
        assert.ok(sent.kind === "sent");
        receipt = sent.receipt;
        adaPerson.write(where, "polly: hello", { type: "groupchat" });
        await polly.until(() => polly.inbox.events.length === 1);
        const [event] = polly.inbox.events;
        assert.ok(event?.kind === "message" && event.addressed && event.sender.id === "ada@localhost");
        cursor = polly.inbox.cursor;
      }
      adaPerson.write(where, "missed", { type: "groupchat" });
      await adaPerson.read(`${where}/Ada`, "missed");
      {
        await using polly = life({ rooms: [where] }, cursor);
        await polly.until(() => polly.inbox.texts().includes("missed"));
        // In another life than that in which it was said.
        const edited = await xmpp.edit?.(polly.account, { ...outbound(room, "hello all"), receipt }, never);
        assert.ok(edited?.kind === "sent", JSON.stringify(edited));
        const correction = await adaPerson.read(where, "hello all");
        const original = await adaPerson.read(where, "hello room");
        assert.equal(correction.getChild("replace")?.attrs.id, original.attrs.id);
        assert.deepEqual(polly.inbox.texts(), ["missed"]);
      }
    });

    test("a nick that is taken, thrown out, banned, invited back, a room that is destroyed, one that isn't there", async () => {
      const where = await freshRoom();
      const bea = await server.person("bea");
      await bea.join(where, "polly");
      await using polly = life({ rooms: [where, `none@${server.rooms}`] });
      await adaPerson.until(({ name, attrs }) => name === "presence" && attrs.from === `${where}/polly_`);
      await polly.until(() => polly.troubles.size === 2);
      assert.match(polly.troubles.get(where)?.message ?? "", /polly is in use/);
      assert.equal(polly.troubles.get(`none@${server.rooms}`)?.code, "channel-gone");
      const admin = (item: string) =>
        adaPerson.ask(`<iq type='set' id='{id}' to='${where}'><query xmlns='http://jabber.org/protocol/muc#admin'>${item}</query></iq>`);
      await admin("<item nick='polly_' role='none'><reason>too loud</reason></item>");
      await polly.until(() => polly.inbox.events.length === 1);
      const gone = await xmpp.send(polly.account, outbound(room, "hi"), never);
      assert.ok(gone.kind === "refused" && gone.code === "channel-gone" && gone.message.includes("too loud"), JSON.stringify(gone));
      const invite = "<invite to='polly@localhost'/>";
      adaPerson.say(`<message to='${where}'><x xmlns='http://jabber.org/protocol/muc#user'>${invite}</x></message>`);
      await polly.until(() => polly.inbox.events.length === 2);
      assert.equal((await xmpp.send(polly.account, outbound(room, "back"), never)).kind, "sent");
      await admin("<item jid='polly@localhost' affiliation='outcast'/>");
      await polly.until(() => polly.inbox.events.length === 3);
      const changes = polly.inbox.events.map((event) => event.kind === "membership" && event.change);
      assert.deepEqual(changes, ["left", "joined", "blocked"]);

      const other = await freshRoom();
      adaPerson.say(`<message to='polly@localhost'><x xmlns='jabber:x:conference' jid='${other}'/></message>`);
      await polly.until(() => polly.inbox.events.length === 4);
      await adaPerson.ask(
        `<iq type='set' id='{id}' to='${other}'><query xmlns='http://jabber.org/protocol/muc#owner'><destroy/></query></iq>`,
      );
      await polly.until(() => polly.inbox.events.length === 5);
      assert.match(polly.troubles.get(other)?.message ?? "", /was destroyed/);
    });

    test("a room whose people hide: occupant-ids where the service has them, else nobody in particular", async () => {
      const where = await freshRoom({ "muc#roomconfig_whois": "moderators" });
      const cleo = await server.person("cleo");
      await cleo.join(where, "Cleo");
      await using polly = life({ rooms: [where] });
      await isIn(where);
      const forged = "<x xmlns='http://jabber.org/protocol/muc#user'><item jid='ada@localhost/x'/></x>";
      cleo.write(where, "hi", { type: "groupchat", more: `${forged}<occupant-id xmlns='urn:xmpp:occupant-id:0' id='forged'/>` });
      await polly.until(() => polly.inbox.events.length === 1);
      const [event] = polly.inbox.events;
      assert.match(event?.sender.id ?? "", isProsody ? /^occupant:(?!forged).{20,}@room/ : /^unproven:room/);
    });

    test("files: put where the server says, and told of", async () => {
      await using polly = life();
      const file = {
        type: "file",
        name: "notes.txt",
        source: { at: "store", id: "fi_0" as FileId, mediaType: "text/plain", size: 14 },
      } as const;
      const sent = await xmpp.send(polly.account, outbound(ada, "", { file }), never);
      assert.equal(sent.kind, "sent", JSON.stringify(sent));
      const told = await adaPerson.until((one) => one.getChild("x", "jabber:x:oob") !== undefined);
      const url = told.getChild("x", "jabber:x:oob")?.getChildText("url") ?? "";
      assert.equal(told.getChildText("body"), url);
      adaPerson.write("polly@localhost", url, { more: `<x xmlns='jabber:x:oob'><url>${url}</url></x>` });
      await polly.until(() => polly.inbox.events.some(({ kind }) => kind === "message"));
      const event = polly.inbox.events.find(({ kind }) => kind === "message");
      const part = event?.kind === "message" ? event.parts[0] : undefined;
      assert.ok(part?.type === "file" && part.source.at === "platform" && part.name === "notes.txt", JSON.stringify(event));
      const located = await xmpp.locateFile?.(polly.account, part.source.ref, never);
      assert.ok(located?.ok);
      const fetched = await polly.account.http.send(located.value);
      assert.ok(fetched.ok, JSON.stringify(fetched));
      assert.equal(Buffer.from(fetched.value.body).toString(), "a file's bytes");
    });
  });
}
