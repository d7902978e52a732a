import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import * as library from "@matrix-org/matrix-sdk-crypto-wasm";
import * as database from "fake-indexeddb";
import matrix from "../../src/channels/matrix/index.ts";
import type { AccountState, StateChanges } from "../../src/core/account-state.ts";
import { ok } from "../../src/core/errors.ts";
import type { AccountId } from "../../src/core/ids.ts";
import { fieldsOf } from "../../src/core/platform-call.ts";
import { openAccount, systemClock } from "../contract/account.ts";
import { outbound, TestInbox } from "../contract/channel.ts";
import { type Person, type Synapse, startSynapse, synapseMissing } from "../servers/synapse.ts";
import { EncryptingPerson } from "../support/matrix-client.ts";

const path = (...segments: string[]) => segments.map(encodeURIComponent).join("/");
const never = new AbortController().signal;

/** What the gateway's store would keep; `fails` times it can't. */
class MemoryState implements AccountState {
  readonly rows = new Map<string, Uint8Array>();
  fails = 0;

  async read(): Promise<ReadonlyMap<string, Uint8Array>> {
    return new Map(this.rows);
  }

  async write(changes: StateChanges): Promise<void> {
    if (this.fails > 0) {
      this.fails -= 1;
      throw new Error("no room");
    }
    for (const [key, value] of changes) {
      if (value === undefined) this.rows.delete(key);
      else this.rows.set(key, value);
    }
  }

  async key() {
    return ok(new Uint8Array(32).fill(7));
  }
}

/** The channel itself in an encrypted room of a real homeserver. */
describe("Matrix, encrypted: files, edits and what comes late", { skip: synapseMissing(), timeout: 300_000 }, () => {
  let synapse: Synapse;
  before(async () => {
    synapse = await startSynapse();
  });
  after(() => synapse?.[Symbol.asyncDispose]());

  let accounts = 0;
  async function stage(name: string, files: Record<string, Uint8Array> = {}) {
    const [bot, person] = [await synapse.register(`${name}bot`), await synapse.register(name)];
    const state = new MemoryState();
    let ahead = 0;
    const account = {
      ...openAccount(
        matrix,
        { homeserver: synapse.url, token: bot.token, encryption: true, readReceipts: false },
        { identity: { id: bot.id, name: bot.id }, files, clock: { ...systemClock, now: () => Date.now() + ahead } },
      ),
      id: `sealed-${++accounts}` as AccountId,
      state,
      load: async ({ name: of }: { readonly name: string }) => ok(of === "fake-indexeddb" ? database : library),
      admits: () => true,
    };
    const ada = await EncryptingPerson.open(person);
    return {
      ...{ bot, person, state, account, ada },
      later: (ms: number) => {
        ahead += ms;
      },
      async [Symbol.asyncDispose]() {
        ada.close();
        await account.close();
      },
    };
  }

  async function roomOf(person: Person, bot: Person): Promise<string> {
    const initial_state = [{ type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } }];
    const made = await person.ask("POST", "client/v3/createRoom", { preset: "trusted_private_chat", invite: [bot.id], initial_state });
    await bot.ask("POST", `client/v3/${path("join", String(made.room_id))}`, {});
    return String(made.room_id);
  }

  /** Listens until so many events are there. */
  async function heard(at: Awaited<ReturnType<typeof stage>>, inbox: TestInbox, end: AbortController): Promise<TestInbox> {
    assert.equal(await matrix.listen?.(at.account, inbox, end.signal), undefined);
    return inbox;
  }

  test("files go and come sealed, and what was changed on the way is refused", async () => {
    const bytes = new TextEncoder().encode("a picture");
    await using at = await stage("files", { fl_1: bytes });
    const { ada, account, bot, person } = at;
    const room = await roomOf(person, bot);
    const source = { at: "store" as const, id: "fl_1" as never, mediaType: "image/png", size: bytes.length };
    const file = { type: "image", name: "cat.png", source } as const;
    const chat = { id: room, kind: "direct" } as const;
    const sent = await matrix.send(account, outbound(chat, "look", { file }), never);
    assert.equal(sent.kind, "sent", JSON.stringify([sent, account.lines]));
    await ada.sync();
    const content = ada.heard.at(-1)?.content ?? {};
    assert.deepEqual([content.msgtype, content.filename, content.body, content.url], ["m.image", "cat.png", "look", undefined]);
    const { url, ...described } = content.file as { url: string };
    const [, server = "", media = ""] = /^mxc:\/\/([^/]+)\/(.+)$/.exec(url) ?? [];
    const fetched = await fetch(`${synapse.url}/_matrix/client/v1/${path("media", "download", server, media)}`, {
      headers: { authorization: `Bearer ${person.token}` },
    });
    assert.equal(fetched.headers.get("content-type"), "application/octet-stream");
    const sealed = new Uint8Array(await fetched.arrayBuffer());
    assert.notDeepEqual(sealed, bytes);
    const opened = library.Attachment.decrypt(new library.EncryptedAttachment(sealed, JSON.stringify({ url, ...described })));
    assert.deepEqual([...opened], [...bytes]);

    const end = new AbortController();
    const begun = new TestInbox(end, 1);
    const first = matrix.listen?.(account, begun, end.signal);
    const made = library.Attachment.encrypt(bytes);
    const body = made.encryptedData;
    const uploaded = await fetch(`${synapse.url}/_matrix/media/v3/upload`, {
      method: "POST",
      headers: { authorization: `Bearer ${person.token}`, "content-type": "application/octet-stream" },
      body: Buffer.from(body),
    });
    const { content_uri: there } = (await uploaded.json()) as { content_uri: string };
    while (begun.cursor === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
    const how = { ...(JSON.parse(String(made.mediaEncryptionInfo)) as object), url: there };
    await ada.say(room, { msgtype: "m.image", body: "dog.png", file: how, info: { mimetype: "image/png", size: bytes.length } });
    await first;
    const [event] = begun.events;
    const [part] = event?.kind === "message" ? event.parts : [];
    assert.ok(part && "source" in part && part.source.at === "platform", JSON.stringify([event, account.lines]));
    assert.deepEqual([part.type, part.name, part.source.mediaType], ["image", "dog.png", "image/png"]);
    const located = await matrix.locateFile?.(account, part.source.ref, never);
    assert.ok(located?.ok);
    const got = await account.http.send(located.value);
    assert.ok(got.ok);
    const clear = located.value.open?.(got.value.body);
    assert.deepEqual(clear?.ok && [...clear.value], [...bytes]);
    const other = Uint8Array.from(got.value.body, (byte, index) => (index === 0 ? byte ^ 1 : byte));
    const refused = located.value.open?.(other);
    assert.ok(refused && !refused.ok && refused.fault.code === "file-refused");
  });

  test("an edit goes sealed, and replaces what it edits", async () => {
    await using at = await stage("edits");
    const { ada, account, bot, person } = at;
    const room = await roomOf(person, bot);
    const first = outbound({ id: room, kind: "direct" }, "one");
    const sent = await matrix.send(account, first, never);
    assert.ok(sent.kind === "sent");
    const content = { text: "two", visible: "two" };
    assert.equal((await matrix.edit?.(account, { ...first, content, receipt: sent.receipt }, never))?.kind, "sent");
    await ada.sync();
    const [before, after] = ada.heard.filter(({ sender }) => sender === bot.id);
    assert.ok(before?.encrypted && after?.encrypted);
    assert.equal(fieldsOf(after.content?.["m.new_content"]).body, "two");
    assert.deepEqual(after.content?.["m.relates_to"], { rel_type: "m.replace", event_id: sent.receipt });
    // The homeserver sees what replaces what, and nothing of what it says.
    const raw = await person.ask("GET", `client/v3/${path("rooms", room, "event", after.id)}`);
    assert.ok(!JSON.stringify(raw).includes("two"));
  });

  test("a key that doesn't come is told of after a minute; when it comes, the message is there all the same", async () => {
    await using at = await stage("late");
    const { ada, bot, person, later, state } = at;
    const room = await roomOf(person, bot);
    const end = new AbortController();
    const begun = new TestInbox(end, 1);
    const first = heard(at, begun, end);
    while (begun.cursor === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
    ada.holds = true;
    const id = await ada.say(room, { msgtype: "m.text", body: "at last" });
    while (![...state.rows.keys()].some((key) => key.startsWith("waiting:"))) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(begun.events.length, 0);
    later(61_000);
    await person.ask("PUT", `client/v3/${path("rooms", room, "send", "m.room.message", "x")}`, { msgtype: "m.text", body: "anybody?" });
    await first;
    const [clear, told] = begun.events.flatMap((event) => (event.kind === "message" ? [event] : []));
    assert.deepEqual([clear?.parts, told?.key, told?.platformId].slice(1), [`${id}.unread`, id]);
    assert.match(JSON.stringify(told?.parts), /its key hasn't come yet/);

    const again = new AbortController();
    const inbox = new TestInbox(again, 1);
    inbox.cursor = begun.cursor;
    const second = heard(at, inbox, again);
    await ada.release();
    await second;
    const [event] = inbox.events;
    assert.ok(event?.kind === "message" && event.key === id, JSON.stringify(inbox.events));
    assert.deepEqual(event.parts, [{ type: "text", text: "at last", markup: "plain" }]);
    assert.ok(![...state.rows.keys()].some((key) => key.startsWith("waiting:")));
  });

  test("a homeserver that takes a room's encryption back isn't believed", async () => {
    await using at = await stage("lies");
    const { ada, account, bot, person } = at;
    const room = await roomOf(person, bot);
    const chat = { id: room, kind: "direct" } as const;
    assert.equal((await matrix.send(account, outbound(chat, "one"), never)).kind, "sent");
    const body = Buffer.from(JSON.stringify({ errcode: "M_NOT_FOUND", error: "Event not found." }));
    const http: typeof account.http = {
      ...account.http,
      send: async (request) =>
        request.url.includes("m.room.encryption") ? ok({ status: 404, headers: {}, body }) : account.http.send(request),
    };
    // As after a start: what it was told last is forgotten.
    const lied = { ...account, settings: { ...account.settings }, http };
    assert.equal((await matrix.send(lied, outbound(chat, "two"), never)).kind, "sent");
    await ada.sync();
    assert.deepEqual(
      ada.heard.filter(({ sender }) => sender === bot.id).map(({ content, encrypted }) => [content?.body, encrypted]),
      [
        ["one", true],
        ["two", true],
      ],
    );
  });

  test("another token is another device: it begins anew, and an old one whose keys are gone is refused", async () => {
    await using at = await stage("anew");
    const { ada, account, bot, person, state } = at;
    const room = await roomOf(person, bot);
    const chat = { id: room, kind: "direct" } as const;
    const send = (on: typeof account, text: string) => matrix.send(on, outbound(chat, text), never);
    assert.equal((await send(account, "one")).kind, "sent");
    const login = { type: "m.login.password", identifier: { type: "m.id.user", user: bot.id }, password: "anewbot-password" };
    const { access_token: token } = await bot.ask("POST", "client/v3/login", login);
    const anew = { ...account, settings: { ...account.settings, token: String(token) } };
    assert.equal((await send(anew, "two")).kind, "sent");
    await ada.sync();
    const said = ada.heard.filter(({ sender }) => sender === bot.id).map(({ content }) => content?.body);
    assert.deepEqual(said, ["one", "two"]);
    // A process that knows nothing but what is on disk.
    const back = { ...account, settings: { ...account.settings } };
    const refused = await send(back, "three");
    assert.ok(refused.kind === "refused" && refused.code === "channel-auth", JSON.stringify(refused));
    assert.ok(state.rows.size > 5);
  });

  test("while keys can't be kept nothing is acknowledged and nothing leaves", async () => {
    await using at = await stage("full");
    const { ada, account, bot, person, state } = at;
    const room = await roomOf(person, bot);
    const chat = { id: room, kind: "direct" } as const;
    state.fails = 1;
    assert.equal((await matrix.send(account, outbound(chat, "none"), never)).kind, "retry");
    assert.equal((await matrix.send(account, outbound(chat, "one"), never)).kind, "sent");
    state.fails = 1;
    const kept = await matrix.send(account, outbound(chat, "two"), never);
    assert.ok(kept.kind === "retry" && /no room/.test(kept.message), JSON.stringify(kept));
    assert.equal((await matrix.send(account, outbound(chat, "three"), never)).kind, "sent");
    await ada.sync();
    assert.deepEqual(
      ada.heard.filter(({ sender }) => sender === bot.id).map(({ content }) => content?.body),
      ["one", "three"],
    );
  });
});
