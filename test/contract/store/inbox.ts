import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PlatformEvent } from "../../../src/core/event.ts";
import type { AccountId } from "../../../src/core/ids.ts";
import { plainText, textPart } from "../../../src/core/message.ts";
import { account, answer, arrive, due, noon, type Open, other, receive, said, send, take, tenant, using, value } from "./fixture.ts";

export function inboxContract(open: Open): void {
  describe("inbox", () => {
    const chat = { id: "g1", thread: "7", kind: "group", title: "The group" } as const;
    const sender = { id: "u9", name: "Bo", handle: "bo", bot: true, self: false };
    const kinds: readonly PlatformEvent[] = [
      {
        kind: "message",
        key: "k-message",
        chat,
        sender,
        at: noon,
        platformId: "1",
        replyTo: "0",
        addressed: false,
        parts: [
          textPart("Grüße 👋 \u0000"),
          { type: "image", source: { at: "platform", ref: "f1", mediaType: "image/png", size: 3 }, name: "a/../b", caption: "c" },
          { type: "location", latitude: 1.5, longitude: -2, title: "Here" },
        ],
      },
      { kind: "edit", key: "k-edit", chat, sender, at: noon, platformId: "1", parts: [textPart("b")] },
      { kind: "reaction", key: "k-reaction", chat, sender, at: noon, platformId: "1", reactions: ["👍"] },
      { kind: "press", key: "k-press", chat, sender, at: noon, platformId: "1", token: "ms_x:0", interaction: "i1" },
      { kind: "move", key: "k-move", chat, sender, at: noon, from: "g0" },
      { kind: "membership", key: "k-membership", chat, sender, at: noon, change: "joined" },
    ];
    for (const event of kinds) {
      test(
        `gives a ${event.kind} back as it came`,
        using(open, async (_, store) => {
          const received = await arrive(store, event);
          const queued = await store.nextEvent(received.conversation);
          assert.deepEqual(queued?.event, event);
          assert.equal(queued.id, received.event);
          assert.equal(queued.message, received.message);
          assert.equal(received.message === undefined, event.kind !== "message");
          assert.deepEqual(queued.conversation.chat, chat);
          assert.deepEqual([queued.account, queued.channel, queued.tries, queued.dueAt], [account, "test", 0, noon]);
          assert.deepEqual([queued.conversation.control, queued.conversation.controlVersion > 0], ["agent", true]);
        }),
      );
    }

    test(
      "a chat that goes on under another id takes its conversations along, with what is queued in them",
      using(open, async (_, store) => {
        const of = (id: string, thread?: string) => ({ id, kind: "group", ...(thread && { thread }) }) as const;
        const move = (key: string) => ({ ...said(""), kind: "move", key, chat: of("new"), from: "old" }) as unknown as PlatformEvent;
        const first = await arrive(store, said("before", { chat: of("old") }));
        const [delivery] = await answer(store, first.conversation, "answer");
        const threaded = await arrive(store, said("in a thread", { chat: of("old", "7") }));
        const left = await arrive(store, { ...said(""), kind: "membership", change: "left", chat: of("old") } as unknown as PlatformEvent);
        assert.equal(left.conversation, first.conversation);
        assert.equal((await arrive(store, move("m1"))).conversation, first.conversation);
        const after = await arrive(store, said("after", { chat: of("new") }));
        assert.equal(after.conversation, first.conversation);
        assert.equal((await arrive(store, said("there", { chat: of("new", "7") }))).conversation, threaded.conversation);
        assert.deepEqual((await send(store, first.conversation)).id, delivery, "what is queued is sent there");
        assert.equal((await store.records.delivery(tenant, delivery as never))?.chat.id, "new");
        assert.deepEqual(
          (await store.history(first.conversation, undefined, 9)).map(({ parts }) => plainText(parts)),
          ["before", "answer", "after"],
        );
        const late = await arrive(store, said("late", { chat: of("old") }));
        assert.equal((await arrive(store, move("m2"))).conversation, first.conversation);
        assert.equal((await store.records.conversation(tenant, late.conversation))?.chat.id, "old", "both stay what they are");
      }),
    );

    test(
      "knows an event that comes again, however it comes",
      using(open, async (opened, store) => {
        const event = said("once");
        const [first, inTheSameBatch] = await receive(store, event, event);
        const together = await Promise.all([receive(store, event), receive(store, event)]);
        const later = await arrive(await opened.crash(), event);
        assert.ok(first && !first.duplicate);
        const known = { ...first, duplicate: true, entries: [] };
        for (const repeat of [inTheSameBatch, ...together.flat(), later]) assert.deepEqual(repeat, known);
      }),
    );

    test(
      "counts the repeats, and stores nothing else of them",
      using(open, async (_, store) => {
        const event = said("once");
        const { event: id, conversation } = await arrive(store, event);
        await receive(store, event, { ...event, parts: [textPart("forged")] } as PlatformEvent);
        const trace = await store.records.trace(tenant, id);
        assert.equal(trace?.event?.repeats, 2);
        assert.equal(trace.event.key, event.key);
        assert.deepEqual(
          trace.entries.map(({ stage }) => stage),
          ["received"],
        );
        assert.deepEqual(
          (await store.records.messages(tenant, conversation, { limit: 9 })).map(({ parts }) => parts),
          [[textPart("once")]],
        );
      }),
    );

    test(
      "knows keys by account and by tenant",
      using(open, async (_, store) => {
        const event = said("hello");
        const places = [
          { tenant, account },
          { tenant, account: "second" as AccountId },
          { tenant: other, account },
        ];
        const ids = new Set<string>();
        for (const place of places) {
          const [received] = await store.receive({ ...place, channel: "test", at: noon, events: [event] });
          assert.equal(received?.duplicate, false);
          ids.add(received.conversation);
        }
        assert.equal(ids.size, 3);
      }),
    );

    test(
      "keeps the order of the array and of the calls, in each conversation",
      using(open, async (_, store) => {
        const inChat = (text: string, id: string) => said(text, { chat: { id, kind: "direct" } });
        const calls = Array.from({ length: 100 }, (_, i) =>
          receive(store, inChat(`a${2 * i}`, "a"), inChat(`b${i}`, "b"), inChat(`a${2 * i + 1}`, "a")),
        );
        const [first] = (await Promise.all(calls)).flat();
        assert.ok(first);
        const seen: string[] = [];
        const lease = await take(store, "turn", first.conversation);
        for (let next = await store.nextEvent(first.conversation); next; next = await store.nextEvent(first.conversation)) {
          assert.equal(next.event.kind, "message");
          seen.push(JSON.stringify((next.event as { parts: unknown }).parts));
          value(await store.ignoreEvent(lease, next, "no-route", noon));
        }
        assert.deepEqual(
          seen,
          Array.from({ length: 200 }, (_, i) => JSON.stringify([textPart(`a${i}`)])),
        );
      }),
    );

    test(
      "tells conversations apart by chat and thread, and keeps a title that it isn't told again",
      using(open, async (_, store) => {
        const places = [
          { id: "1", kind: "group", title: "One" },
          { id: "1", thread: "2", kind: "group", title: "One" },
          { id: "12", kind: "group" },
        ] as const;
        const ids = [];
        for (const at of places) ids.push((await arrive(store, said("hi", { chat: at }))).conversation);
        assert.equal(new Set(ids).size, 3);
        const again = await arrive(store, said("hi", { chat: { id: "1", kind: "group" } }));
        assert.equal(again.conversation, ids[0]);
        assert.equal((await store.records.conversation(tenant, again.conversation))?.chat.title, "One");
        assert.equal((await store.records.findConversation(tenant, account, "1", "2"))?.id, ids[1]);
        assert.equal((await store.records.findConversation(tenant, account, "1"))?.id, ids[0]);
        assert.equal(await store.records.findConversation(other, account, "1"), undefined);
      }),
    );

    test(
      "keeps the cursor with the batch, by account",
      using(open, async (opened, store) => {
        assert.equal(await store.cursor(tenant, account), undefined);
        await store.receive({ tenant, account, channel: "test", at: noon, events: [said("a")], cursor: "10" });
        await store.receive({ tenant, account, channel: "test", at: noon, events: [], cursor: "11" });
        await store.receive({ tenant, account, channel: "test", at: noon, events: [said("b")] });
        const reopened = await opened.crash();
        assert.equal(await reopened.cursor(tenant, account), "11");
        assert.equal(await reopened.cursor(tenant, "second" as AccountId), undefined);
        assert.equal(await reopened.cursor(other, account), undefined);
      }),
    );

    test(
      "drops what a channel kept of an account, and its cursor, and nobody else's",
      using(open, async (opened, store) => {
        const second = "second" as AccountId;
        for (const one of [account, second]) {
          await store.receive({ tenant, account: one, channel: "test", at: noon, events: [], cursor: "10" });
          await store.putAccountState(tenant, one, new Map([["key", new Uint8Array([1])]]));
        }
        await store.dropAccountState(tenant, account);
        const reopened = await opened.crash();
        assert.equal(await reopened.cursor(tenant, account), undefined);
        assert.equal((await reopened.accountState(tenant, account)).size, 0);
        assert.equal(await reopened.cursor(tenant, second), "10");
        assert.equal((await reopened.accountState(tenant, second)).size, 1);
      }),
    );

    test(
      "has everything that it promised after a crash, and nothing twice",
      using(open, async (opened, store) => {
        const batches = await Promise.all(
          Array.from({ length: 150 }, (_, i) => receive(store, said(`m${i}`, { chat: { id: `c${i % 7}`, kind: "direct" } }))),
        );
        const promised = batches.flat();
        const reopened = await opened.crash();
        for (const { event } of promised) assert.ok(await reopened.records.trace(tenant, event), `${event} is there`);
        assert.equal((await reopened.records.counts(tenant)).messages, 150);
        assert.equal((await due(reopened, noon)).length, 7);
      }),
    );

    test(
      "writes an edit into the message that it changes, if its sender wrote that",
      using(open, async (_, store) => {
        const first = said("frist", { platformId: "m1" });
        const { conversation, message } = await arrive(store, first);
        await answer(store, conversation, "an answer");
        const edit = { ...first, kind: "edit", key: "e1", parts: [textPart("first")] } as PlatformEvent;
        const forged = { ...edit, key: "e2", sender: { ...edit.sender, id: "u2" }, parts: [textPart("forged")] } as PlatformEvent;
        const elsewhere = { ...edit, key: "e3", chat: { id: "c2", kind: "direct" }, parts: [textPart("elsewhere")] } as PlatformEvent;
        for (const event of [edit, forged, elsewhere]) {
          const received = await arrive(store, event);
          const lease = await take(store, "turn", received.conversation);
          const queued = await store.nextEvent(received.conversation);
          assert.ok(queued);
          value(await store.ignoreEvent(lease, queued, "nothing-to-answer", noon));
          await store.release(lease);
        }
        assert.deepEqual((await store.message(tenant, message as string))?.parts, [textPart("first")]);
        assert.equal(await store.message(other, message as string), undefined);
      }),
    );

    test(
      "shows each event to its own tenant only",
      using(open, async (_, store) => {
        const { event, conversation } = await arrive(store);
        assert.equal(await store.records.trace(other, event), undefined);
        assert.equal(await store.records.conversation(other, conversation), undefined);
        assert.deepEqual(await store.records.stories(other, { limit: 9 }), []);
        assert.deepEqual(await store.records.conversations(other, { limit: 9 }), []);
        assert.deepEqual(await store.records.messages(other, conversation, { limit: 9 }), []);
        assert.equal((await store.records.counts(other)).messages, 0);
      }),
    );

    test(
      "does not fail a call for its neighbour",
      using(open, async (_, store) => {
        const login = { tenant, hash: "h1", kind: "login", role: "owner", label: "", createdAt: noon } as const;
        await store.records.addCredential(login);
        const [before, failing, after] = await Promise.allSettled([
          receive(store, said("before")),
          store.records.addCredential(login),
          receive(store, said("after")),
        ]);
        assert.deepEqual([before.status, failing.status, after.status], ["fulfilled", "rejected", "fulfilled"]);
        assert.equal((await store.records.counts(tenant)).messages, 2);
        const entries = await Promise.all(
          (await store.records.stories(tenant, { limit: 9 })).map(({ trace }) => store.records.trace(tenant, trace)),
        );
        assert.deepEqual(
          entries.map((trace) => trace?.entries.length),
          [1, 1],
        );
      }),
    );
  });
}
