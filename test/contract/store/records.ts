import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { FaultError } from "../../../src/core/errors.ts";
import type { AccountId, ConversationId, OperatorId } from "../../../src/core/ids.ts";
import { openSqliteStore } from "../../../src/stores/sqlite.ts";
import {
  account,
  answer,
  answerOf,
  arrive,
  begin,
  by,
  noon,
  type Open,
  operatorSays,
  other,
  receive,
  said,
  send,
  tenant,
  using,
  value,
} from "./fixture.ts";

export function recordsContract(open: Open): void {
  describe("what tools of other programs may say of themselves", () => {
    test(
      "the first words of a server count; after them only what an operator accepts",
      using(open, async (_, { records }) => {
        const [first, second, later] = [new Map([["add", "d1"]]), new Map([["add", "d2"]]), new Map([["more", "d3"]])];
        assert.deepEqual(await records.meetTools(tenant, "sums", new Map(), noon), new Map(), "nothing said is nothing met");
        assert.deepEqual(await records.meetTools(tenant, "sums", first, noon), first);
        assert.deepEqual(await records.meetTools(tenant, "sums", second, noon), first);
        assert.deepEqual(await records.meetTools(tenant, "sums", later, noon), first);
        assert.deepEqual(await records.acceptedTools(tenant, "sums"), first);
        assert.deepEqual(await records.acceptedTools(tenant, "other"), new Map());
        assert.deepEqual(await records.acceptedTools(other, "sums"), new Map());
        const before = await records.version(tenant);
        await records.acceptTools(tenant, "sums", second, by, noon);
        await records.acceptTools(tenant, "sums", later, by, noon);
        assert.ok((await records.version(tenant)) > before, "a running gateway takes it up");
        assert.deepEqual(await records.acceptedTools(tenant, "sums"), new Map([...second, ...later]));
        assert.deepEqual(
          (await records.auditLog(tenant, { limit: 9 })).map(({ actor, action, subject, detail }) => [actor, action, subject, detail]),
          [
            [by, "tool-accept", "mcp.sums", { tools: { more: "d3" } }],
            [by, "tool-accept", "mcp.sums", { tools: { add: "d2" } }],
            ["gateway", "tool-accept", "mcp.sums", { tools: { add: "d1" } }],
          ],
        );
      }),
    );
  });

  describe("records of what was said", () => {
    test(
      "the newest entries of the ledger come page by page, of one tenant",
      using(open, async (_, store) => {
        const { event, conversation } = await arrive(store, said("first"));
        await answer(store, conversation, "an answer");
        const newest = await store.records.recentEntries(tenant, { limit: 2 });
        const older = await store.records.recentEntries(tenant, { limit: 99, before: newest.at(-1)?.seq ?? 0 });
        const all = [...newest, ...older];
        assert.deepEqual(
          all.toReversed().map(({ seq: _, ...entry }) => entry),
          (await store.records.trace(tenant, event))?.entries,
        );
        assert.ok(all.length > 4 && all.every(({ seq }, index) => seq < (all[index - 1]?.seq ?? Number.POSITIVE_INFINITY)));
        assert.deepEqual(await store.records.recentEntries(other, { limit: 9 }), []);
      }),
    );

    test(
      "stories come newest first, page by page, by account and state",
      using(open, async (_, store) => {
        const { conversation } = await arrive(store, said("first"));
        await answer(store, conversation, "done");
        await arrive(store, said("second", { sender: { id: "u7", bot: false, self: false } }));
        await arrive(store, said("", { kind: "reaction", reactions: ["👍"] } as never));
        await store.receive({ tenant, account: "two" as AccountId, channel: "irc", at: noon, events: [said("third")] });
        await store.enqueue(operatorSays("fourth"));
        const all = await store.records.stories(tenant, { limit: 10 });
        assert.deepEqual(
          all.map(({ preview }) => preview),
          ["fourth", "third", "[reaction 👍]", "second", "first"],
        );
        assert.deepEqual(
          all.map(({ state }) => state),
          ["done", "queued", "queued", "queued", "done"],
        );
        assert.deepEqual(
          all.map(({ senderName }) => senderName),
          [undefined, "Ada", "Ada", "u7", "Ada"],
        );
        assert.deepEqual(
          all.map(({ channel }) => channel),
          ["test", "irc", "test", "test", "test"],
        );
        const page = await store.records.stories(tenant, { limit: 2, before: all[1]?.cursor as number });
        assert.deepEqual(
          page.map(({ preview }) => preview),
          ["[reaction 👍]", "second"],
        );
        const queued = await store.records.stories(tenant, { limit: 9, account, state: "queued" });
        assert.deepEqual(
          queued.map(({ preview }) => preview),
          ["[reaction 👍]", "second"],
        );
        assert.deepEqual((await store.records.stories(tenant, { limit: 9, state: "failed" })).length, 0);
      }),
    );

    test(
      "a story tells the worst that became of its answer",
      using(open, async (_, store) => {
        const { conversation } = await arrive(store, said("A"));
        const shown = async () => (await store.records.stories(tenant, { limit: 9 })).map(({ state, delivery }) => [state, delivery]);
        assert.deepEqual(await shown(), [["queued", undefined]]);
        const running = await begin(store, conversation);
        const deliveries = ["1", "2"].map((text) => ({ content: { text, visible: text }, onUnknown: "hold" as const }));
        const { deliveries: ids } = value(await store.finishTurn(running.lease, answerOf(running, "1 2", { deliveries })));
        await store.release(running.lease);
        assert.deepEqual(await shown(), [["done", "queued"]]);
        await send(store, conversation, { kind: "refused", code: "channel-permanent", message: "blocked" });
        await send(store, conversation);
        assert.deepEqual(await shown(), [["done", "failed"]]);
        await store.settle(tenant, ids.slice(0, 1), "retry", "op_1", noon);
        await send(store, conversation);
        assert.deepEqual(await shown(), [["done", "sent"]]);
      }),
    );

    test(
      "lists show what a reader sees, not how it is marked",
      using(open, async (_, store) => {
        await store.enqueue({ ...operatorSays("x"), parts: [{ type: "text", text: "**42** is _it_", markup: "markdown" }] });
        assert.equal((await store.records.stories(tenant, { limit: 1 }))[0]?.preview, "42 is it");
        assert.equal((await store.records.conversations(tenant, { limit: 1 }))[0]?.lastPreview, "42 is it");
      }),
    );

    test(
      "conversations come by their newest message",
      using(open, async (_, store) => {
        const chat = (id: string) => ({ chat: { id, kind: "direct" } }) as const;
        await receive(store, said("a1", chat("a")), said("b1", chat("b")), said("c1", chat("c")));
        const { conversation } = await arrive(store, said("a2", chat("a")));
        await answer(store, conversation, "to a1");
        const all = await store.records.conversations(tenant, { limit: 9 });
        assert.deepEqual(
          all.map(({ chat: { id }, lastPreview }) => [id, lastPreview]),
          [
            ["a", "a2"],
            ["c", "c1"],
            ["b", "b1"],
          ],
        );
        const rest = await store.records.conversations(tenant, { limit: 9, before: all[0]?.cursor as number });
        assert.deepEqual(
          rest.map(({ chat: { id } }) => id),
          ["c", "b"],
        );
        await answer(store, conversation, "to a2");
        assert.equal((await store.records.conversations(tenant, { limit: 1 }))[0]?.lastPreview, "to a2");
      }),
    );

    test(
      "messages come newest first, page by page, with the worst of their deliveries",
      using(open, async (_, store) => {
        const [a] = await receive(store, said("A"), said("B"));
        assert.ok(a);
        await answer(store, a.conversation, "to A");
        await answer(store, a.conversation, "to B");
        await send(store, a.conversation);
        await send(store, a.conversation, { kind: "unknown", code: "channel-unknown", message: "cut" });
        const all = await store.records.messages(tenant, a.conversation, { limit: 9 });
        const shown = all.map(({ parts, delivery }) => [(parts[0] as { text: string }).text, delivery]);
        assert.deepEqual(shown, [
          ["to B", "unknown"],
          ["B", undefined],
          ["to A", "sent"],
          ["A", undefined],
        ]);
        for (const [i, message] of all.entries()) {
          const rest = await store.records.messages(tenant, a.conversation, { limit: 9, before: message.seq });
          assert.deepEqual(rest, all.slice(i + 1));
        }
        assert.deepEqual(await store.records.messages(tenant, a.conversation, { limit: 2 }), all.slice(0, 2));
        assert.deepEqual(await store.records.messages(other, a.conversation, { limit: 2, before: 99 }), []);
      }),
    );

    test(
      "a trace is found by every id of its story",
      using(open, async (_, store) => {
        const event = said("hello", { platformId: "platform-7" });
        const { conversation, event: id, message } = await arrive(store, event);
        const running = await begin(store, conversation);
        await store.release(running.lease);
        await store.recover(noon);
        const [delivery] = await answer(store, conversation, "hi");
        const { message: answered } = await send(store, conversation, { kind: "sent", receipt: "receipt-9" });
        for (const known of [id, message, running.turn.id, delivery, answered, "platform-7", "receipt-9"]) {
          assert.equal((await store.records.trace(tenant, known as string))?.trace, id, `by ${known}`);
          assert.equal(await store.records.trace(other, known as string), undefined);
        }
        for (const unknown of ["ev_nothing", "dl_x", "", "nobody"]) assert.equal(await store.records.trace(tenant, unknown), undefined);
      }),
    );

    test(
      "deliveries and counts by state",
      using(open, async (_, store) => {
        const [a] = await receive(store, said("A"), said("B"), said("C"));
        assert.ok(a);
        const [first] = await answer(store, a.conversation, "1");
        await send(store, a.conversation, { kind: "refused", code: "channel-permanent", message: "blocked" });
        const [second] = await answer(store, a.conversation, "2");
        const running = await begin(store, a.conversation);
        const list = async (filter: object) => (await store.records.deliveries(tenant, { limit: 9, ...filter })).map(({ id }) => id);
        assert.deepEqual(await list({}), [second, first]);
        assert.deepEqual(await list({ states: ["failed", "dead"] }), [first]);
        assert.deepEqual(await list({ states: ["queued", "failed"] }), [second, first]);
        assert.deepEqual(await list({ states: ["sent"] }), []);
        assert.deepEqual(await list({ states: [] }), []);
        assert.deepEqual(await list({ account, conversation: a.conversation, limit: 1 }), [second]);
        assert.deepEqual(await list({ before: second }), [first], "page by page");
        assert.deepEqual(await list({ retrying: true }), [], "none was tried before");
        assert.deepEqual(await list({ account: "nobody" }), []);
        assert.deepEqual(await store.records.deliveries(other, { limit: 9 }), []);
        assert.deepEqual(await store.records.counts(tenant), {
          conversations: 1,
          messages: 5,
          events: { queued: 0, running: 1, poison: 0 },
          retrying: 0,
          deliveries: { queued: 1, sending: 0, unknown: 0, failed: 1, dead: 0 },
        });
        await store.release(running.lease);
      }),
    );
  });

  describe("records of what operators change", () => {
    const owner = { tenant, id: "op_1" as OperatorId, name: "Ada", role: "owner", createdAt: noon, passwordHash: "x" } as const;

    test(
      "only one visitor becomes the first owner",
      using(open, async (opened, store) => {
        const guest = await opened.guest();
        const tries = [store, guest, store].map((at, i) =>
          at.records.addOperator({ ...owner, id: `op_first_${i}` as OperatorId, name: `n${i}` }, { onlyFirst: true }),
        );
        assert.equal((await Promise.all(tries)).filter(Boolean).length, 1);
        assert.equal((await store.records.operators(tenant)).length, 1);
        assert.equal(await store.records.addOperator({ ...owner, tenant: other }, { onlyFirst: true }), true, "each tenant has its own");
      }),
    );

    test(
      "names are taken once; passwords end logins and leave tokens",
      using(open, async (_, store) => {
        const { records } = store;
        assert.equal(await records.addOperator(owner, { onlyFirst: false }), true);
        assert.equal(await records.addOperator({ ...owner, id: "op_2" as OperatorId }, { onlyFirst: false }), false);
        assert.deepEqual(await records.operatorByName(tenant, "Ada"), {
          id: "op_1",
          name: "Ada",
          role: "owner",
          createdAt: noon,
          passwordHash: "x",
        });
        assert.equal(await records.operatorByName(other, "Ada"), undefined);
        const login = {
          tenant,
          hash: "l",
          kind: "login",
          operator: owner.id,
          role: "owner",
          label: "web",
          createdAt: noon,
          expiresAt: noon + 9,
        } as const;
        const token = { ...login, hash: "t", kind: "token", expiresAt: noon + 5 } as const;
        await records.addCredential(login);
        await records.addCredential(token);
        assert.deepEqual(await records.credential("l"), login);
        assert.equal(await records.seeCredential(tenant, "l", noon + 1, noon + 99), true);
        assert.equal(await records.seeCredential(other, "l", noon + 1, noon + 99), false);
        assert.equal(await records.setPassword(other, owner.id, "y", noon + 1), false);
        assert.equal(await records.setPassword(tenant, owner.id, "y", noon + 1), true);
        assert.deepEqual(await records.credential("l"), { ...login, expiresAt: noon + 99, seenAt: noon + 1, revokedAt: noon + 1 });
        assert.equal(await records.seeCredential(tenant, "l", noon + 2, noon + 999), false);
        assert.deepEqual(await records.credentials(tenant, "token"), [token]);
        assert.equal(await records.revokeCredential(other, "t", noon + 2), false);
        assert.equal(await records.revokeCredential(tenant, "t", noon + 2), true);
        assert.equal((await records.credential("t"))?.revokedAt, noon + 2);
        assert.equal((await records.operatorByName(tenant, "Ada"))?.passwordHash, "y");
      }),
    );

    test(
      "the last owner stays; who is removed is out with every login, token and link, and frees the name",
      using(open, async (_, store) => {
        const { records } = store;
        const second = { ...owner, id: "op_2" as OperatorId, name: "Grace" } as const;
        await records.addOperator(owner, { onlyFirst: false });
        assert.equal(await records.setRole(tenant, owner.id, "admin"), "last-owner");
        assert.equal(await records.removeOperator(tenant, owner.id, noon), "last-owner");
        assert.equal(await records.setRole(tenant, owner.id, "owner"), "done");
        await records.addOperator({ ...second, role: "viewer" }, { onlyFirst: false });
        assert.equal(await records.setRole(other, second.id, "owner"), "gone", "of another tenant");
        assert.equal(await records.setRole(tenant, second.id, "owner"), "done");
        const credential = { tenant, operator: owner.id, role: "owner", label: "", createdAt: noon } as const;
        for (const kind of ["login", "token", "invitation", "reset"] as const)
          await records.addCredential({ ...credential, hash: kind, kind });
        assert.equal(await records.removeOperator(tenant, owner.id, noon + 3), "done");
        assert.equal(await records.removeOperator(tenant, owner.id, noon + 4), "gone");
        for (const hash of ["login", "token", "invitation", "reset"])
          assert.equal((await records.credential(hash))?.revokedAt, noon + 3, hash);
        assert.equal(await records.operatorByName(tenant, "Ada"), undefined);
        assert.deepEqual(
          (await records.operators(tenant)).map(({ name }) => name),
          ["Grace"],
        );
        assert.equal(await records.setPassword(tenant, owner.id, "z", noon + 5), false);
        assert.equal(await records.addOperator({ ...owner, id: "op_3" as OperatorId }, { onlyFirst: false }), true, "the name is free");
        assert.deepEqual([...(await records.operatorNames(tenant)).values()].toSorted(), ["Ada", "Ada", "Grace"]);
      }),
    );

    test(
      "an invitation and a link for a new password work once, in their time, for their tenant",
      using(open, async (opened, store) => {
        const { records } = store;
        await records.addOperator(owner, { onlyFirst: false });
        const link = { tenant, operator: owner.id, role: "operator", label: "", createdAt: noon, expiresAt: noon + 10 } as const;
        const invited = { id: "op_5" as OperatorId, name: "Grace", createdAt: noon + 1, passwordHash: "g" };
        await records.addCredential({ ...link, hash: "i", kind: "invitation" });
        await records.addCredential({ ...link, hash: "r", kind: "reset" });
        await records.addCredential({ ...link, hash: "l", kind: "login" });
        assert.equal(await records.addInvited("i", { ...invited, name: "Ada" }), "name-taken");
        assert.equal(await records.addInvited("r", invited), "void", "of another kind");
        assert.equal(await records.addInvited("i", { ...invited, createdAt: noon + 10 }), "void", "too late");
        const guest = await opened.guest();
        const both = await Promise.all([
          records.addInvited("i", invited),
          guest.records.addInvited("i", { ...invited, id: "op_6" as OperatorId, name: "Eve" }),
        ]);
        assert.deepEqual(both.toSorted(), ["done", "void"], "two visitors with one link");
        assert.deepEqual((await records.operators(tenant)).map(({ role }) => role).toSorted(), ["operator", "owner"]);
        assert.equal(await records.resetPassword("i", "n", noon + 2), undefined);
        assert.equal(await records.resetPassword("r", "n", noon + 10), undefined, "too late");
        assert.equal(await records.resetPassword("r", "n", noon + 2), owner.id);
        assert.equal(await records.resetPassword("r", "m", noon + 3), undefined);
        assert.equal((await records.operatorByName(tenant, "Ada"))?.passwordHash, "n");
        assert.equal((await records.credential("l"))?.revokedAt, noon + 2);
      }),
    );

    test(
      "secrets and settings are kept, and each change moves the version, whoever makes it",
      using(open, async (opened, store) => {
        const { records } = await opened.guest();
        const { conversation } = await arrive(store);
        const control = (await store.records.conversation(tenant, conversation))?.controlVersion as number;
        const changes: readonly (() => Promise<unknown>)[] = [
          () => records.putSecret(tenant, "b", Uint8Array.of(0, 255), noon),
          () => records.addSecret(tenant, "a", Uint8Array.of(1), noon),
          () => records.removeSecret(tenant, "a"),
          () => records.replaceSecrets(tenant, new Map([["b", Uint8Array.of(7)]]), noon + 1),
          () => records.putSetting(tenant, "accounts.x", { channel: "test", deep: [1, null, "é"] }, by, noon),
          () => records.putSetting(tenant, "accounts.y", false, by, noon),
          () => records.putSetting(tenant, "accounts.y", undefined, by, noon),
          () => records.setPaused(tenant, account, true, by, noon),
          () => records.setControl(tenant, conversation, "paused", control, by, noon),
        ];
        let version = await store.records.version(tenant);
        for (const [i, change] of changes.entries()) {
          await change();
          const now = await store.records.version(tenant);
          assert.ok(now > version, `change ${i} is seen`);
          version = now;
        }
        assert.deepEqual(await store.records.secret(tenant, "b"), Uint8Array.of(7));
        assert.equal(await store.records.secret(other, "b"), undefined);
        assert.deepEqual(await store.records.secrets(tenant), [{ name: "b", updatedAt: noon + 1 }]);
        assert.equal(await records.addSecret(tenant, "b", Uint8Array.of(8), noon + 2), false);
        assert.deepEqual(await store.records.secret(tenant, "b"), Uint8Array.of(7), "what is there stays");
        assert.equal(await store.records.version(tenant), version);
        assert.equal(await store.records.removeSecret(tenant, "none"), false);
        assert.deepEqual([...(await store.records.settings(tenant))], [["accounts.x", { channel: "test", deep: [1, null, "é"] }]]);
        assert.deepEqual(await store.records.pausedAccounts(tenant), [account]);
        await store.records.setPaused(tenant, account, false, by, noon);
        assert.deepEqual(await store.records.pausedAccounts(tenant), []);
        assert.equal(await store.records.version(other), 0);
        const actions = (await store.records.auditLog(tenant, { limit: 99 })).map(({ action, subject }) => `${action} ${subject}`);
        const told = [
          "setting-set accounts.x",
          "setting-set accounts.y",
          "setting-remove accounts.y",
          "account-pause desk",
          `control-set ${conversation}`,
          "account-resume desk",
        ];
        assert.deepEqual(actions.reverse(), told);
      }),
    );

    test(
      "the audit log is a chain, written by all processes, read page by page",
      using(open, async (opened, store) => {
        const guest = await opened.guest();
        const entry = (i: number) => ({
          tenant,
          at: noon + i,
          actor: by,
          action: "token-make",
          subject: `s${i}`,
          ...(i % 2 && { detail: { z: i, a: "ü" } }),
        });
        await Promise.all(Array.from({ length: 40 }, (_, i) => (i % 3 ? store : guest).records.audit(entry(i))));
        await store.records.audit({ ...entry(1), tenant: other });
        assert.deepEqual(await store.records.verifyAudit(tenant), { entries: 40 });
        const page = await store.records.auditLog(tenant, { limit: 10, before: 31 });
        assert.deepEqual(
          page.map(({ n }) => n),
          [30, 29, 28, 27, 26, 25, 24, 23, 22, 21],
        );
        const subjects = (await store.records.auditLog(tenant, { limit: 99 })).map(({ subject }) => subject);
        assert.equal(new Set(subjects).size, 40);
        const one = (await store.records.auditLog(tenant, { limit: 99 })).find(({ subject }) => subject === "s1");
        assert.deepEqual({ ...one, n: 0, hash: "" }, { ...entry(1), n: 0, hash: "" });
        assert.deepEqual(await store.records.verifyAudit(other), { entries: 1 });
      }),
    );
  });

  test(
    "conversations are exported once each, also those that go on meanwhile",
    using(open, async (_, store) => {
      const to = (chat: string) => receive(store, said(`in ${chat} ${Math.random()}`, { chat: { id: chat, kind: "direct" } }));
      for (const chat of ["a", "b", "c", "d", "e"]) await to(chat);
      const first = await store.records.exportConversations(tenant, { limit: 2 });
      for (const chat of ["a", "e", "new"]) await to(chat);
      const seen = [...first];
      for (let page = first; page.length === 2; seen.push(...page)) {
        page = await store.records.exportConversations(tenant, { limit: 2, after: page[1]?.id as ConversationId });
      }
      const chats = seen.map(({ chat }) => chat.id).filter((id) => id !== "new");
      assert.deepEqual(chats.toSorted(), ["a", "b", "c", "d", "e"]);
      assert.equal(new Set(seen.map(({ id }) => id)).size, seen.length, "none twice");
      assert.deepEqual(await store.records.exportConversations(tenant, { limit: 2, account: "nobody" as AccountId }), []);
      assert.deepEqual(await store.records.exportConversations(other, { limit: 2 }), []);
    }),
  );

  test(
    "messages are exported in the order in which they came, of one account or of all",
    using(open, async (_, store) => {
      for (const text of ["one", "two", "three"]) await receive(store, said(text));
      const texts = async (filter: object, of = tenant) =>
        (await store.records.exportMessages(of, filter)).messages.flatMap(({ parts }) =>
          parts.map((part) => part.type === "text" && part.text),
        );
      assert.deepEqual(await texts({}), ["one", "two", "three"]);
      assert.deepEqual(await texts({ account }), ["one", "two", "three"]);
      assert.deepEqual(await texts({ account: "nobody" as AccountId }), []);
      assert.deepEqual(await texts({}, other), []);
    }),
  );

  describe("backup", () => {
    test(
      "is whole, is a new file, and writing goes on meanwhile",
      using(open, async (_, store) => {
        const folder = await mkdtemp(join(tmpdir(), "store-backup-"));
        try {
          await Promise.all(Array.from({ length: 200 }, (_, i) => receive(store, said(`m${i}`))));
          const copy = store.records.backup(join(folder, "copy"), join(folder, "files"));
          await Promise.all(Array.from({ length: 50 }, (_, i) => receive(store, said(`n${i}`))));
          const { messages, bytes } = await copy;
          assert.ok(messages >= 200 && messages <= 250, `${messages} messages`);
          assert.ok(bytes > 10_000);
          const opened = await openSqliteStore({ file: join(folder, "copy"), role: "owner" });
          assert.ok(opened.ok, "what any gateway can start on");
          assert.equal((await opened.value.records.counts(tenant)).messages, messages);
          await opened.value.close();
          await assert.rejects(store.records.backup(join(folder, "copy"), join(folder, "files")), (thrown) => thrown instanceof FaultError);
        } finally {
          await rm(folder, { recursive: true });
        }
      }),
    );
  });
}
