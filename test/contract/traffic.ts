import assert from "node:assert/strict";
import { test } from "node:test";
import type { Channel } from "../../src/core/channel.ts";
import type { DeliveryContent, SendOutcome } from "../../src/core/delivery.ts";
import { type MessageId, newId } from "../../src/core/ids.ts";
import type { Part } from "../../src/core/message.ts";
import { planDeliveries, renderDraft } from "../../src/outbox/render.ts";
import { openAccount, type TestAccount } from "./account.ts";
import { type ChannelCases, inFull, outbound, type Platform, TestInbox } from "./platform.ts";
import type { ContractCase } from "./proofs.ts";
import { hostileWords, markdownSpecimen, wordsIn } from "./specimen.ts";

type Within<Settings> = (run: (account: TestAccount<Settings>, platform: Platform) => Promise<void>) => Promise<void>;

const never = new AbortController().signal;
/** Times that `listen` may end before its test gives up. */
const rounds = 30;

/** What goes out: rendered and split by the core, sent piece by piece, grown by edits. */
export function outgoing<Settings>(channel: Channel<Settings>, within: Within<Settings>): void {
  test("send: what is rendered and split is taken, and read whole and in order", () =>
    within(async (account, platform) => {
      const { max } = channel.limits.text;
      const { markdown, words } = markdownSpecimen(Math.min(max * 2.2, 12_000));
      await sendAll(channel, account, platform, [{ type: "text", markup: "markdown", text: markdown }]);
      assert.deepEqual(wordsIn((await platform.seen()).join("\n")), words);
    }));

  test("send: marks of any dialect in plain words are read as they stand", () =>
    within(async (account, platform) => {
      await sendAll(channel, account, platform, [{ type: "text", markup: "plain", text: hostileWords }]);
      const [text = "", ...more] = await platform.seen();
      assert.deepEqual([platform.read?.(text) ?? text, more], [hostileWords, []]);
    }));

  test("send: an abort ends it, and its outcome is no lie", () =>
    within(async (account, platform) => {
      const outcome = await channel.send(account, outbound(platform.chat, "late"), AbortSignal.abort());
      const seen = await platform.seen();
      assert.ok(seen.length === 0 || outcome.kind === "sent" || outcome.kind === "unknown", inFull([outcome, seen]));
    }));

  if (!channel.edit) return;
  test("edit: an answer that grows with its markup half written is read whole in the end, once", () =>
    within(async (account, platform) => {
      const { markdown, words } = markdownSpecimen(Math.min(channel.limits.text.max / 3, 600));
      const step = Math.ceil(markdown.length / 7);
      let receipt: string | undefined;
      for (let length = step; length < markdown.length + step; length += step) {
        const text = markdown.slice(0, length);
        const [content] = length < markdown.length ? [renderDraft(text, channel).content] : plan(channel, text);
        assert.ok(content);
        if (content.visible.trim() === "") continue;
        const outcome = await patiently(account, () => {
          const message = { ...outbound(platform.chat, ""), content };
          return receipt === undefined
            ? channel.send(account, message, never)
            : (channel.edit?.(account, { ...message, receipt }, never) as Promise<SendOutcome>);
        });
        assert.equal(outcome.kind, "sent", inFull(outcome));
        if (outcome.kind === "sent") receipt ??= outcome.receipt;
      }
      const seen = await platform.seen();
      assert.equal(seen.length, 1);
      assert.deepEqual(wordsIn(seen.join()), words);
    }));
}

/** What comes in over a connection that breaks, in a gateway that stops, and next to another account. */
export function incoming<Settings>(channel: Channel<Settings>, { without = [] }: ChannelCases, within: Within<Settings>): void {
  const runs = (name: ContractCase) => !without.includes(name);
  if (runs("reconnected")) afterCuts(channel, within);
  if (runs("restarted")) afterStops(channel, within);
}

function afterCuts<Settings>(channel: Channel<Settings>, within: Within<Settings>): void {
  test("listen: after the connection broke nothing is lost, repeated or turned round", () =>
    within(async (account, platform) => {
      const end = new AbortController();
      const inbox = new TestInbox(end, 6);
      const listening = keepListening(channel, account, inbox, end);
      for (const text of ["a", "b", "c", "d", "e", "f"]) {
        await platform.say?.(text);
        if (text === "b" || text === "d") {
          await inbox.holds(text === "b" ? 2 : 4);
          await platform.cut?.();
        }
      }
      await listening;
      assert.deepEqual(inbox.texts(), ["a", "b", "c", "d", "e", "f"]);
    }));
}

function afterStops<Settings>(channel: Channel<Settings>, within: Within<Settings>): void {
  test("listen: a stop between any two events loses none of them", () =>
    within(async (account, platform) => {
      const heard = new TestInbox(new AbortController(), Number.POSITIVE_INFINITY);
      for (let start = 0; start < 3; start++) {
        await platform.say?.(`before ${start}`);
        const end = new AbortController();
        const inbox = new TestInbox(end, 1);
        inbox.cursor = heard.cursor;
        // Another process: nothing that the first one kept in memory is there.
        const again = openAccount(channel, platform.settings, platform.account);
        try {
          await keepListening(channel, again, inbox, end);
        } finally {
          await again.close();
          await platform.cut?.();
        }
        await heard.receive(inbox.events, inbox.cursor);
      }
      await platform.say?.("last");
      const end = new AbortController();
      const inbox = new TestInbox(end, 1, new Set(heard.events.map(({ key }) => key)));
      inbox.cursor = heard.cursor;
      await keepListening(channel, account, inbox, end);
      assert.deepEqual([...heard.texts(), ...inbox.texts()], ["before 0", "before 1", "before 2", "last"]);
    }));
}

/** Two accounts of the kind in one process, on two platforms. */
export function twoAccounts<Settings>(channel: Channel<Settings>, cases: ChannelCases): void {
  test("two accounts: each says and hears only what is its own", async () => {
    const opened = await Promise.all(
      ["one", "two"].map(async (name) => {
        const platform = await cases.platform();
        return { name, platform, account: openAccount(channel, platform.settings, platform.account) };
      }),
    );
    try {
      await Promise.all(
        opened.map(async ({ name, platform, account }) => {
          const end = new AbortController();
          const inbox = new TestInbox(end, 2);
          const listening = channel.listen && keepListening(channel, account, inbox, end);
          for (const turn of ["first", "second"]) {
            const outcome = await patiently(account, () => channel.send(account, outbound(platform.chat, `${turn} to ${name}`), never));
            assert.equal(outcome.kind, "sent", inFull(outcome));
            if (listening) await platform.say?.(`${turn} from ${name}`);
          }
          await listening;
          assert.deepEqual(await platform.seen(), [`first to ${name}`, `second to ${name}`]);
          if (listening) assert.deepEqual(inbox.texts(), [`first from ${name}`, `second from ${name}`]);
        }),
      );
    } finally {
      await Promise.all(opened.map(({ account }) => account.close()));
      await Promise.all(opened.map(({ platform }) => platform.close()));
    }
  });
}

function plan<Settings>(channel: Channel<Settings>, markdown: string): readonly DeliveryContent[] {
  return planDeliveries(
    [{ type: "text", markup: "markdown", text: markdown }],
    channel as Channel,
    newId("message", Date.now()) as MessageId,
  );
}

async function sendAll<Settings>(channel: Channel<Settings>, account: TestAccount<Settings>, platform: Platform, parts: readonly Part[]) {
  for (const content of planDeliveries(parts, channel as Channel, newId("message", Date.now()) as MessageId)) {
    const message = { ...outbound(platform.chat, ""), content };
    const outcome = await patiently(account, () => channel.send(account, message, never));
    assert.equal(outcome.kind, "sent", inFull(outcome));
  }
}

/** Tries again as the outbox does: what the platform asked to wait is waited for. */
async function patiently<Settings>(account: TestAccount<Settings>, attempt: () => Promise<SendOutcome>): Promise<SendOutcome> {
  for (let time = 0; ; time++) {
    const outcome = await attempt();
    if (outcome.kind !== "retry" || time === 10) return outcome;
    await new Promise<void>((resolve) => account.clock.after(outcome.afterMs ?? 20, resolve));
  }
}

/** As the core calls it: again after each end, until the signal aborts. */
async function keepListening<Settings>(channel: Channel<Settings>, account: TestAccount<Settings>, inbox: TestInbox, end: AbortController) {
  for (let round = 0; round < rounds && !end.signal.aborted; round++) {
    const fault = await channel.listen?.(account, inbox, end.signal);
    if (fault) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
