import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { AccountId } from "../../../src/core/ids.ts";
import type { Notice, Trouble } from "../../../src/core/notice.ts";
import type { Store } from "../../../src/core/store.ts";
import {
  answerOf,
  arrive,
  attempt,
  begin,
  by,
  noon,
  type Open,
  operatorSays,
  other,
  receive,
  said,
  send,
  take,
  tenant,
  using,
  value,
} from "./fixture.ts";

const hour = 3_600_000;
const refusal = { kind: "refused", code: "channel-permanent", message: "no" } as const;
const nobodyKnows = { kind: "unknown", code: "channel-unknown", message: "cut" } as const;
const place = { account: "desk" as AccountId, chat: "ops" };

function noticeOf(subject: string, more: Partial<Notice> = {}): Notice {
  const finding = { code: "account-refused", severity: "error", subject, message: "It was refused.", hint: "Act." } as const;
  return { tenant, finding, since: noon, told: [], ...more };
}

const tells = (text: string) =>
  operatorSays(text, { author: "system", notice: true, chat: { id: "ops", kind: "group" }, account: place.account });

async function troubles(store: Store): Promise<readonly Omit<Trouble, "newest">[]> {
  const found = await store.records.troubles(tenant, noon - hour);
  return found.map(({ newest, ...trouble }) => {
    assert.match(newest, /^(ev|ms)_/);
    return trouble;
  });
}

export function noticeContract(open: Open): void {
  describe("notices", () => {
    test(
      "what was told is on disk together with the message that tells it",
      using(open, async (opened, store) => {
        const told = noticeOf("accounts.a", { told: [{ ...place, at: noon }] });
        const untold = noticeOf("accounts.b", { since: noon - 1, overAt: noon });
        const [queued] = await store.notify({ put: [told, untold], remove: [] }, [tells("a is refused")]);
        assert.ok(queued);
        const reopened = await opened.crash();
        assert.deepEqual(await reopened.records.notices(tenant), [untold, told]);
        assert.deepEqual(await reopened.records.notices(other), []);
        const sent = await send(reopened, queued.conversation);
        assert.deepEqual([sent.id, sent.content.text, sent.chat.id], [queued.deliveries[0], "a is refused", "ops"]);
      }),
    );

    test(
      "a change and its messages are stored whole or not at all",
      using(open, async (_, store) => {
        await store.notify({ put: [noticeOf("accounts.a")], remove: [] }, []);
        // The second has no place to stand in.
        const broken = { ...tells("two"), message: undefined } as never;
        const change = { put: [noticeOf("accounts.b")], remove: [noticeOf("accounts.a")] };
        await assert.rejects(store.notify(change, [tells("one"), broken]));
        assert.deepEqual(await store.records.notices(tenant), [noticeOf("accounts.a")]);
        assert.equal((await store.records.deliveries(tenant, { limit: 9 })).length, 0);
      }),
    );

    test(
      "a notice is changed in its place, and taken away by its name and tenant",
      using(open, async (_, store) => {
        await store.notify({ put: [noticeOf("accounts.a"), noticeOf("accounts.a", { tenant: other })], remove: [] }, []);
        const later = noticeOf("accounts.a", { told: [{ ...place, thread: "7", at: noon + 5 }] });
        await store.notify({ put: [later], remove: [] }, []);
        assert.deepEqual(await store.records.notices(tenant), [later]);
        await store.notify({ put: [], remove: [later] }, []);
        assert.deepEqual(await store.records.notices(tenant), []);
        assert.equal((await store.records.notices(other)).length, 1);
      }),
    );

    test(
      "a notice leaves a conversation that a human or nobody speaks in",
      using(open, async (_, store) => {
        const { conversation } = await arrive(store, said("hi", { chat: { id: "ops", kind: "direct" } }));
        await store.records.setControl(tenant, conversation, "paused", 1, by, noon);
        const [queued] = await store.notify({ put: [], remove: [] }, [tells("now")]);
        assert.equal(queued?.conversation, conversation);
        const { delivery } = await attempt(store, conversation);
        assert.equal(delivery.content.text, "now");
      }),
    );
  });

  describe("troubles", () => {
    test(
      "deliveries that wait for somebody are counted by account, until they are settled",
      using(open, async (_, store) => {
        const ids: string[] = [];
        for (const outcome of [refusal, refusal, nobodyKnows]) {
          const { conversation, deliveries } = await store.enqueue(operatorSays("hello"));
          ids.push(...deliveries);
          await send(store, conversation, outcome);
        }
        const { conversation } = await store.enqueue(operatorSays("hello", { account: "two" as AccountId }));
        await send(store, conversation, { kind: "retry", code: "channel-retry", message: "tries ran out" });
        assert.deepEqual(await troubles(store), [
          { kind: "unknown", account: "desk", count: 1 },
          { kind: "failed", account: "desk", count: 2 },
          { kind: "dead", account: "two", count: 1 },
        ]);
        await store.settle(tenant, ids as never, "drop", by, noon);
        assert.deepEqual(await troubles(store), [{ kind: "dead", account: "two", count: 1 }]);
        assert.deepEqual(await store.records.troubles(other, 0), []);
      }),
    );

    test(
      "a notice that didn't arrive is its place's trouble, never the account's",
      using(open, async (_, store) => {
        const [queued] = await store.notify({ put: [], remove: [] }, [tells("now")]);
        await send(store, queued?.conversation as never, refusal);
        assert.deepEqual(await troubles(store), [{ kind: "notice", account: "desk", count: 1, place }]);
      }),
    );

    test(
      "messages set aside count until they are settled, failed turns while they are young",
      using(open, async (_, store) => {
        const failed = await arrive(store, said("one"));
        const running = await begin(store, failed.conversation);
        const fault = { code: "provider-auth", message: "no key" } as const;
        value(await store.finishTurn(running.lease, answerOf(running, "sorry", { state: "failed", fault })));
        const poison = await arrive(store, said("two", { chat: { id: "c2", kind: "direct" } }));
        const set = await begin(store, poison.conversation);
        value(await store.ignoreEvent(set.lease, set.event, "poison", noon + 2));
        assert.deepEqual(await store.records.troubles(tenant, noon), [
          { kind: "poison", account: "desk", count: 1, newest: poison.event },
          { kind: "turn-fail", account: "desk", code: "provider-auth", count: 1, newest: failed.event },
        ]);
        await store.settleDead(tenant, { ids: [poison.event] }, "discard", by, noon);
        assert.deepEqual(await store.records.troubles(tenant, noon + 3), []);
      }),
    );

    test(
      "a conversation that the loop guard paused counts until somebody else sets its control",
      using(open, async (_, store) => {
        const { conversation, event: id } = await arrive(store, said("one"));
        const lease = await take(store, "turn", conversation);
        const pause = async (version: number) => {
          const event = await store.nextEvent(conversation);
          assert.ok(await store.records.setControl(tenant, conversation, "paused", version, "loop-guard", noon));
          value(await store.ignoreEvent(lease, event as never, "loop-guard", noon));
        };
        await pause(1);
        assert.deepEqual(await store.records.troubles(tenant, noon), [{ kind: "loop", account: "desk", count: 1, newest: id }]);
        assert.deepEqual(await store.records.troubles(other, noon), []);
        await store.records.setControl(tenant, conversation, "agent", 2, by, noon);
        assert.deepEqual(await troubles(store), []);
        // Paused by a person, it is nobody's finding.
        await store.records.setControl(tenant, conversation, "paused", 3, by, noon);
        assert.deepEqual(await troubles(store), []);
        await store.records.setControl(tenant, conversation, "agent", 4, by, noon);
        await receive(store, said("two"));
        await pause(5);
        assert.deepEqual(await troubles(store), [{ kind: "loop", account: "desk", count: 1 }]);
      }),
    );
  });
}
