import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import matrix from "../../src/channels/matrix/index.ts";
import { openAccount } from "../contract/account.ts";
import { outbound, TestInbox } from "../contract/channel.ts";
import { type GatewayProcess, startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { type Person, type Synapse, startSynapse, synapseMissing } from "../servers/synapse.ts";

/** The channel and the real gateway with a real homeserver: people write with their own accounts, and read there what came back. */

interface Said {
  readonly sender: string;
  readonly type: string;
  readonly event_id: string;
  readonly content: Record<string, unknown> & { readonly body?: string };
}

const never = new AbortController().signal;
const path = (...segments: string[]) => segments.map(encodeURIComponent).join("/");
let transaction = 0;

async function say(person: Person, room: string, content: object, type = "m.room.message"): Promise<string> {
  const sent = await person.ask("PUT", `client/v3/${path("rooms", room, "send", type, `t${++transaction}`)}`, content);
  return String(sent.event_id);
}
const words = (body: string, more: object = {}) => ({ msgtype: "m.text", body, ...more });

/** What was said in a room, oldest first, as one of its members sees it. */
async function said(person: Person, room: string): Promise<Said[]> {
  const page = await person.ask("GET", `client/v3/${path("rooms", room, "messages")}?dir=b&limit=100`);
  return (page.chunk as Said[]).toReversed();
}

async function until<Value>(look: () => Promise<Value | undefined>): Promise<Value> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const answerTo = (person: Person, room: string, bot: string, part: string) =>
  until(async () => (await said(person, room)).find(({ sender, content }) => sender === bot && content.body?.includes(part)));

async function room(person: Person, more: object = {}): Promise<string> {
  return String((await person.ask("POST", "client/v3/createRoom", { preset: "private_chat", ...more })).room_id);
}

describe("Matrix, with Synapse", { skip: synapseMissing(), timeout: 300_000 }, () => {
  let synapse: Synapse;
  let bot: Person;
  let ada: Person;
  let eve: Person;
  before(async () => {
    synapse = await startSynapse();
    [bot, ada, eve] = [await synapse.register("bot"), await synapse.register("ada"), await synapse.register("eve")];
  });
  const accounts: { close(): Promise<void> }[] = [];
  after(async () => {
    await Promise.all(accounts.map((account) => account.close()));
    await synapse?.[Symbol.asyncDispose]();
  });

  const open = (person: Pick<Person, "id" | "token">, files: Record<string, Uint8Array> = {}, homeserver = synapse.url) => {
    const account = openAccount(matrix, { homeserver, token: person.token }, { identity: { id: person.id, name: person.id }, files });
    accounts.push(account);
    return account;
  };

  test("probe: who it is, and a token that is void", async () => {
    const account = open(bot);
    assert.deepEqual(await matrix.probe(account, never), { ok: true, value: { id: bot.id, name: bot.id } });
    const other = open({ id: bot.id, token: "syt_void" });
    const refused = await matrix.probe(other, never);
    assert.ok(!refused.ok && refused.fault.code === "channel-auth", JSON.stringify(refused));
  });

  test("what is sent: markup, threads, replies, edits, files, once for a delivery", async () => {
    const account = open(bot, { fl_1: new Uint8Array([1, 2, 3]) });
    const id = await room(ada, { invite: [bot.id] });
    await bot.ask("POST", `client/v3/${path("join", id)}`, {});
    const root = await say(ada, id, words("root"));
    const chat = { id, kind: "group" as const };
    const first = outbound(chat, "<p><strong>b</strong></p>", { visible: "b", replyTo: root });
    const sent = await matrix.send(account, first, never);
    assert.deepEqual(await matrix.send(account, first, never), sent, "the same delivery is the same event");
    assert.ok(sent.kind === "sent");
    const inThread = await matrix.send(account, outbound({ ...chat, thread: root }, "threaded"), never);
    assert.ok(inThread.kind === "sent");
    for (const text of ["one", "two"])
      assert.equal(
        (await matrix.edit?.(account, { ...first, content: { text, visible: text }, receipt: sent.receipt }, never))?.kind,
        "sent",
      );
    const source = { at: "store" as const, id: "fl_1" as never, mediaType: "image/png", size: 3 };
    const file = await matrix.send(account, outbound(chat, "look", { file: { type: "image", name: "a.png", source } }), never);
    assert.equal(file.kind, "sent");
    const all = (await said(ada, id)).filter(({ sender, type }) => sender === bot.id && type === "m.room.message");
    assert.equal(all.length, 5);
    assert.deepEqual(all[0]?.content, {
      ...{ msgtype: "m.text", body: "b", format: "org.matrix.custom.html", formatted_body: "<p><strong>b</strong></p>", "m.mentions": {} },
      "m.relates_to": { "m.in_reply_to": { event_id: root } },
    });
    assert.deepEqual(all[1]?.content["m.relates_to"], {
      rel_type: "m.thread",
      event_id: root,
      is_falling_back: true,
      "m.in_reply_to": { event_id: root },
    });
    const shown = await ada.ask("GET", `client/v3/${path("rooms", id, "event", sent.receipt)}`);
    const replaced = ((shown.unsigned as Record<string, unknown>)["m.relations"] as Record<string, Said>)["m.replace"];
    assert.equal((replaced?.content["m.new_content"] as { body?: string } | undefined)?.body, "two");
    const image = all[4]?.content;
    assert.deepEqual([image?.msgtype, image?.filename, image?.body], ["m.image", "a.png", "look"]);
    const located = await matrix.locateFile?.(account, String(image?.url), never);
    assert.ok(located?.ok);
    const fetched = await account.http.send(located.value);
    assert.deepEqual([...(fetched.ok ? fetched.value.body : [])], [1, 2, 3]);
    await matrix.typing?.(account, chat, never);
    for (let time = 0; time < 2; time++)
      assert.equal(await matrix.react?.(account, { chat, platformId: root, reaction: "👍" }, never), undefined);
    for (let time = 0; time < 2; time++)
      assert.equal(await matrix.delete?.(account, { chat, receipt: inThread.receipt }, never), undefined);
    const after = await said(ada, id);
    assert.equal(after.filter(({ type, sender }) => type === "m.reaction" && sender === bot.id).length, 1);
    assert.deepEqual(after.find(({ event_id: one }) => one === inThread.receipt)?.content, {});
  });

  test("what is refused: no power to speak, not in the room, no such room, too long", async () => {
    const account = open(bot);
    const quiet = await room(ada, { invite: [bot.id], power_level_content_override: { events_default: 50 } });
    await bot.ask("POST", `client/v3/${path("join", quiet)}`, {});
    const elsewhere = await room(ada);
    for (const [id, text, code] of [
      [quiet, "x", "channel-permanent"],
      [elsewhere, "x", "channel-gone"],
      ["!nowhere:matrix.test", "x", "channel-gone"],
      [quiet, "x".repeat(70_000), "channel-permanent"],
    ] as const) {
      const outcome = await matrix.send(account, outbound({ id, kind: "group" }, text), never);
      assert.ok(outcome.kind === "refused" && outcome.code === code, JSON.stringify(outcome));
    }
  });

  test("what is heard: replies, mentions, threads, edits, reactions, files, a gap, and an invitation that access allows", async () => {
    const listener = await synapse.register("listener");
    const account = { ...open(listener), admits: ({ sender }: { sender: { id: string } }) => sender.id === ada.id };
    const end = new AbortController();
    const inbox = new TestInbox(end, 1);
    const first = matrix.listen?.(account, inbox, end.signal);
    await until(async () => inbox.cursor);
    await room(eve, { invite: [listener.id], is_direct: true });
    const id = await room(ada, { invite: [listener.id], name: "Kitchen" });
    const early = await say(ada, id, words("before it came"));
    assert.equal(await first, undefined);
    await until(async () => ((await listener.ask("GET", "client/v3/joined_rooms")).joined_rooms as string[]).find((one) => one === id));
    await ada.ask("POST", `client/v3/${path("rooms", id, "invite")}`, { user_id: bot.id });
    await bot.ask("POST", `client/v3/${path("join", id)}`, {});
    const mention = await say(ada, id, words("you there?", { "m.mentions": { user_ids: [listener.id] } }));
    const reply = await say(ada, id, words("> <@x:y> quoted\n\nreplied", { "m.relates_to": { "m.in_reply_to": { event_id: mention } } }));
    await say(
      ada,
      id,
      words("threaded", {
        "m.relates_to": { rel_type: "m.thread", event_id: mention, is_falling_back: true, "m.in_reply_to": { event_id: reply } },
      }),
    );
    await say(ada, id, {
      ...words("* edited"),
      "m.new_content": words("edited"),
      "m.relates_to": { rel_type: "m.replace", event_id: mention },
    });
    await say(ada, id, { "m.relates_to": { rel_type: "m.annotation", event_id: mention, key: "👍" } }, "m.reaction");
    await say(ada, id, { msgtype: "m.location", body: "here", geo_uri: "geo:51.5,-0.1;u=35" });
    await say(ada, id, { msgtype: "m.notice", body: "a machine" });
    for (let index = 0; index < 120; index++) await say(ada, id, words(`many ${index}`));
    const again = new AbortController();
    const second = new TestInbox(again, 127);
    second.cursor = inbox.cursor;
    assert.equal(await matrix.listen?.(account, second, again.signal), undefined);
    const events = [...inbox.events, ...second.events];
    assert.ok(
      events.every(({ chat }) => chat.id === id),
      "the room of whom access doesn't know was not entered",
    );
    assert.ok(second.events.length >= 127 && new Set(events.map(({ key }) => key)).size === events.length);
    const messages = events.flatMap((event) => (event.kind === "message" ? [event] : []));
    const text = (part: string) => messages.find(({ parts }) => parts[0]?.type === "text" && parts[0].text.includes(part));
    assert.equal(text("before it came")?.platformId, early);
    assert.deepEqual(
      [text("you there?")?.addressed, text("you there?")?.chat.kind, text("you there?")?.chat.title],
      [true, "group", "Kitchen"],
    );
    assert.deepEqual(
      [text("replied")?.replyTo, text("replied")?.parts, text("replied")?.addressed],
      [mention, [{ type: "text", text: "replied", markup: "plain" }], false],
    );
    assert.deepEqual([text("threaded")?.chat.thread, text("threaded")?.replyTo], [mention, undefined]);
    assert.equal(text("a machine")?.sender.bot, true);
    assert.deepEqual(
      messages.flatMap(({ parts }) => parts).find(({ type }) => type === "location"),
      { type: "location", latitude: 51.5, longitude: -0.1, title: "here" },
    );
    const edited = events.find(({ kind }) => kind === "edit");
    assert.ok(edited?.kind === "edit" && edited.platformId === mention);
    const reacted = events.find(({ kind }) => kind === "reaction");
    assert.ok(reacted?.kind === "reaction" && reacted.platformId === mention && reacted.reactions[0] === "👍");
    assert.deepEqual(
      messages.flatMap(({ parts }) => (parts[0]?.type === "text" && parts[0].text.startsWith("many") ? [parts[0].text] : [])),
      Array.from({ length: 120 }, (_, index) => `many ${index}`),
    );
  });

  test("a limit that the homeserver sets is kept", async () => {
    const own = await startSynapse({ rc_message: { per_second: 0.1, burst_count: 1 } });
    try {
      const person = await own.register("limited");
      const id = await room(person);
      const account = open(person, {}, own.url);
      const outcomes = [];
      for (let index = 0; index < 3; index++)
        outcomes.push(await matrix.send(account, outbound({ id, kind: "group" }, `x${index}`), never));
      const refused = outcomes.at(-1);
      assert.ok(
        refused?.kind === "retry" && refused.code === "channel-retry" && (refused.afterMs ?? 0) > 0 && refused.scope === "account",
        JSON.stringify(outcomes),
      );
    } finally {
      await own[Symbol.asyncDispose]();
    }
  });

  test("the gateway: invited, answering, through a restart of the homeserver, killed again and again; each once", async (t) => {
    const home = await temporaryHome();
    const answering = await synapse.register("gateway");
    const configuration = {
      accounts: {
        kitchen: { channel: "matrix", homeserver: synapse.url, token: answering.token, access: { allow: [ada.id] }, streaming: "off" },
      },
      agents: { main: { instructions: "Answer.", models: ["demo/demo"] } },
      routes: [{ agent: "main" }],
    };
    let gateway: GatewayProcess = await startGatewayProcess({ home: home.path, configuration });
    t.after(async () => {
      await gateway.kill();
      await home[Symbol.asyncDispose]();
    });
    await until(async () => (/"account":"kitchen","state":"ready"/.test(gateway.log()) ? true : undefined));
    const id = await room(ada, { invite: [answering.id], is_direct: true });
    await say(ada, id, words("early-words"));
    const foreign = await room(eve, { invite: [answering.id], is_direct: true });
    await answerTo(ada, id, answering.id, "early-words");
    await synapse.stop();
    await until(async () => (/"kitchen".*"retrying"/.test(gateway.log()) ? true : undefined));
    await synapse.start();
    await say(ada, id, words("after-restart-words"));
    await answerTo(ada, id, answering.id, "after-restart-words");
    const names = Array.from({ length: 9 }, (_, index) => `kill-words-${index}-end`);
    for (const [index, name] of names.entries()) {
      await say(ada, id, words(name));
      if (index % 3 !== 2) continue;
      await new Promise((resolve) => setTimeout(resolve, 70 * index));
      await gateway.kill();
      gateway = await startGatewayProcess({ home: home.path });
    }
    for (const name of names) await answerTo(ada, id, answering.id, name);
    const answers = (await said(ada, id)).filter(({ sender, type }) => sender === answering.id && type === "m.room.message");
    for (const name of names)
      assert.equal(answers.filter(({ content }) => content.body?.includes(name)).length, 1, `${name} was not answered once`);
    const places = names.map((name) => answers.findIndex(({ content }) => content.body?.includes(name)));
    assert.deepEqual(
      places,
      places.toSorted((one, other) => one - other),
      "in order",
    );
    const members = (await eve.ask("GET", `client/v3/${path("rooms", foreign, "joined_members")}`)).joined as object;
    assert.deepEqual(Object.keys(members), [eve.id], "it came only where access lets it");
  });
});
