import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createHandClock, type HandClock } from "../../test/clock.ts";
import { type NoticeSettings, noticePlaces } from "../config/notices.ts";
import { FaultError, fail, fault, ok } from "../core/errors.ts";
import type { Finding } from "../core/finding.ts";
import { type ConversationId, defaultTenant, type MessageId } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import { type Notice, placeName } from "../core/notice.ts";
import type { NewOutbound } from "../core/store.ts";
import { findingName } from "./findings.ts";
import { createNotices, type Notices } from "./notices.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

const revoked = finding("account-refused", "accounts.support", "The token was revoked.");
const dead = finding("delivery-dead", "deliveries.support", "3 deliveries were given up.");
const open = finding("access-open", "accounts.support.access", "Everybody may write.", "warning");

function finding(code: string, subject: string, message: string, severity: Finding["severity"] = "error"): Finding {
  return { code, severity, subject, message, hint: "Act." };
}

interface Desk {
  readonly clock: HandClock;
  findings: Finding[];
  settings: NoticeSettings;
  readonly unusable: Set<string>;
  /** What the store does with a write. */
  refuses: boolean;
  /** `place: text`, oldest first. */
  readonly said: string[];
  readonly warnings: string[];
  /** How often the findings were others than before. */
  changes: number;
  /** What is on disk. */
  readonly stored: Map<string, Notice>;
  notices: Notices;
  /** Another process goes on with what is stored. */
  restart(): Promise<void>;
}

const ops = { account: "ops", chat: "1" };
const side = { account: "support", chat: "2" };

function settingsOf(more: Partial<NoticeSettings> = {}): NoticeSettings {
  return { to: [ops], least: "warning", repeatHours: 24, ...more };
}

/** The notices over a store and accounts that the test holds in its hand. */
function desk(more: Partial<NoticeSettings> = {}): Desk {
  const clock = createHandClock();
  const stored = new Map<string, Notice>();
  const warnings: string[] = [];
  const log: Log = { debug() {}, info() {}, warn: (event) => warnings.push(event), error() {}, with: () => log };
  const say = ({ account, chat, parts }: NewOutbound) => {
    const [part] = parts;
    it.said.push(`${placeName({ account, chat: chat.id })}: ${part?.type === "text" ? part.text : ""}`);
    return { conversation: "cv_1" as ConversationId, message: "ms_1" as MessageId, deliveries: [], entries: [] };
  };
  const create = () =>
    createNotices({
      ...{
        tenant: defaultTenant,
        clock,
        log,
        queued: () => {},
        changed: () => void it.changes++,
        mask: (text: string) => text.replaceAll("s3cret", "***"),
      },
      store: {
        enqueue: async (message) => say(message),
        async notify({ put, remove }, messages) {
          if (it.refuses) throw new FaultError(fault("store-unavailable", "disk full"));
          for (const notice of put) stored.set(findingName(notice.finding), notice);
          for (const notice of remove) stored.delete(findingName(notice.finding));
          return messages.map(say);
        },
        records: { notices: async () => [...stored.values()] },
      },
      findings: async () => it.findings,
      settings: () => it.settings,
      publicUrl: () => "https://gw.example",
      usable: (account) => !it.unusable.has(account),
      async render({ tenant, to, parts, notice }) {
        if (!("account" in to) || !notice) throw new Error("a notice goes to a place");
        if (to.account === "gone") return fail("account-unknown", "gone");
        const chat = { id: to.chat, kind: "group" } as const;
        return ok({
          tenant,
          account: to.account,
          channel: "x",
          chat,
          author: "system",
          notice,
          message: "ms_1" as MessageId,
          parts,
          deliveries: [],
          at: 0,
        });
      },
    });
  const it: Desk = {
    ...{ clock, findings: [], settings: settingsOf(more), unusable: new Set(), refuses: false, changes: 0, said: [], warnings, stored },
    notices: create(),
    async restart() {
      await it.notices.stop();
      it.notices = create();
      it.notices.start();
    },
  };
  it.notices.start();
  return it;
}

describe("notices", () => {
  test("tell of a finding once, when it has lasted, with what to do and where", async () => {
    const it = desk();
    it.findings = [revoked];
    await it.clock.advance(25 * second);
    assert.deepEqual(it.said, []);
    await it.clock.advance(15 * second);
    assert.deepEqual(it.said, [
      "ops/1: Polylogue: 1 thing needs somebody.\n\n✗ accounts.support: The token was revoked.\n→ Act.\n\nhttps://gw.example/findings",
    ]);
    await it.clock.advance(20 * hour);
    assert.equal(it.said.length, 1);
  });

  test("say at once when there is something else to act on, for windows that are open", async () => {
    const it = desk();
    await it.clock.advance(20 * second);
    assert.equal(it.changes, 0);
    it.findings = [revoked];
    await it.clock.advance(20 * second);
    assert.equal(it.changes, 1);
    it.findings = [{ ...revoked, message: "Another one." }];
    await it.clock.advance(20 * second);
    it.findings = [];
    await it.clock.advance(20 * second);
    assert.equal(it.changes, 3);
  });

  test("look within a second at what somebody says has happened, once for all that is said in one go", async () => {
    const it = desk();
    await it.clock.advance(second);
    it.findings = [revoked];
    for (let i = 0; i < 100; i++) it.notices.soon();
    await it.clock.advance(second);
    assert.equal(it.changes, 1);
    it.findings = [];
    it.notices.soon();
    await it.clock.advance(second);
    assert.equal(it.changes, 2);
    it.findings = [revoked];
    await it.clock.advance(4 * second);
    assert.equal(it.changes, 2, "what nobody spoke of comes with the next look");
    await it.clock.advance(second);
    assert.equal(it.changes, 3);
    await it.notices.stop();
    it.notices.soon();
    it.findings = [];
    await it.clock.advance(10 * second);
    assert.equal(it.changes, 3, "nothing is looked at after the end");
  });

  test("don't tell of what passes by itself", async () => {
    const it = desk();
    for (let i = 0; i < 20; i++) {
      it.findings = i % 2 === 0 ? [revoked] : [];
      await it.clock.advance(20 * second);
    }
    assert.deepEqual(it.said, []);
    assert.equal(it.stored.size, 0);
  });

  test("tell again after the hours set, as long as it lasts", async () => {
    const it = desk({ repeatHours: 2 });
    it.findings = [dead];
    await it.clock.advance(minute + 2 * hour - 3 * minute);
    assert.equal(it.said.length, 1);
    it.findings = [{ ...dead, message: "9 deliveries were given up." }];
    await it.clock.advance(4 * minute);
    assert.equal(it.said.length, 2);
    assert.match(it.said[1] ?? "", /9 deliveries were given up\. \(still, since 2026-11-22 12:00 UTC\)/);
  });

  test("tell that it is over, once, to those who were told; a short calm is no end", async () => {
    const it = desk({ to: [ops, side] });
    it.findings = [dead];
    await it.clock.advance(minute);
    assert.equal(it.said.length, 2);
    it.findings = [];
    await it.clock.advance(50 * second);
    it.findings = [dead];
    await it.clock.advance(5 * minute);
    assert.equal(it.said.length, 2);
    it.settings = settingsOf({ to: [ops] });
    it.findings = [];
    await it.clock.advance(10 * minute);
    assert.deepEqual(it.said.slice(2), [
      "ops/1: Polylogue: 1 thing is over.\n\n✓ Over after 8 min: deliveries.support: 3 deliveries were given up.\n\nhttps://gw.example/findings",
    ]);
    assert.equal(it.stored.size, 0);
  });

  test("a restart neither repeats nor forgets", async () => {
    const it = desk();
    it.findings = [revoked];
    await it.clock.advance(minute);
    await it.restart();
    await it.clock.advance(10 * minute);
    // An account that proves itself after a start says nothing yet.
    it.findings = [];
    await it.restart();
    await it.clock.advance(25 * second);
    it.findings = [revoked];
    await it.clock.advance(10 * minute);
    assert.equal(it.said.length, 1);
    it.findings = [];
    await it.restart();
    await it.clock.advance(2 * minute);
    assert.equal(it.said.length, 2);
    assert.match(it.said[1] ?? "", /Over after 2\d min: accounts\.support: The token was revoked\./);
  });

  test("what keeps a place from being told is told elsewhere only", async () => {
    const it = desk({ to: [ops, side] });
    const lost = finding("notice-undelivered", "notices.ops/1", "2 notices didn't arrive.", "warning");
    it.findings = [revoked, lost];
    await it.clock.advance(minute);
    assert.deepEqual(
      it.said.map((text) => [text.slice(0, text.indexOf(":")), /revoked/.test(text), /didn't arrive/.test(text)]),
      [
        ["ops/1", true, false],
        ["support/2", false, true],
      ],
    );
    const alone = desk({ to: [side] });
    alone.findings = [revoked];
    await alone.clock.advance(2 * hour);
    assert.deepEqual(alone.said, []);
  });

  test("a place that can't be told now is told later what is true then, a new one at once", async () => {
    const it = desk({ to: [ops, { account: "gone", chat: "3" }] });
    it.unusable.add("ops");
    it.findings = [dead, open];
    await it.clock.advance(hour);
    assert.deepEqual(it.said, []);
    it.findings = [open];
    it.unusable.clear();
    await it.clock.advance(minute);
    assert.equal(it.said.length, 1);
    assert.doesNotMatch(it.said[0] ?? "", /given up/);
    it.settings = settingsOf({ to: [ops, side] });
    await it.clock.advance(minute);
    assert.equal(it.said.length, 2);
    assert.match(it.said[1] ?? "", /^support\/2: Polylogue: 1 thing/);
  });

  test("leave out what isn't grave enough", async () => {
    const it = desk({ least: "error" });
    it.findings = [open, dead];
    await it.clock.advance(minute);
    assert.equal(it.said.length, 1);
    assert.doesNotMatch(it.said[0] ?? "", /Everybody/);
  });

  test("a flood is one message, the gravest first, and one that goes on is few", async () => {
    const it = desk();
    it.findings = Array.from({ length: 40 }, (_, i) =>
      finding("model-unknown", `agents.a${i}`, `Nr ${i}.`, i === 39 ? "error" : "warning"),
    );
    await it.clock.advance(minute);
    assert.equal(it.said.length, 1);
    assert.match(it.said[0] ?? "", /^ops\/1: Polylogue: 40 things need somebody\.\n\n✗ agents\.a39: /);
    assert.match(it.said[0] ?? "", /… and 32 more/);
    const before = it.said.length;
    for (let i = 0; i < 360; i++) {
      it.findings = [...it.findings, finding("model-unknown", `agents.b${i}`, "new")];
      await it.clock.advance(10 * second);
    }
    assert.ok(it.said.length - before <= 15, `${it.said.length - before} messages in an hour`);
    await it.clock.advance(hour);
    assert.ok(
      [...it.stored.values()].every(({ told }) => told.length === 1),
      "in the end all are told",
    );
  });

  test("while the store takes nothing, nothing is told; afterwards what was, is", async () => {
    const it = desk();
    const full = finding("store-unavailable", "store", "The store doesn't take it: disk full.");
    it.refuses = true;
    it.findings = [full];
    await it.clock.advance(10 * minute);
    assert.deepEqual(it.said, []);
    assert.deepEqual(it.warnings, ["notices-fail"]);
    it.refuses = false;
    it.findings = [];
    await it.clock.advance(2 * minute);
    assert.equal(it.said.length, 1);
    assert.match(it.said[0] ?? "", /✓ Over after 11 min: store: The store doesn't take it: disk full\./);
    await it.clock.advance(hour);
    assert.equal(it.said.length, 1);
  });

  test("hold no secret and nothing that steers a terminal", async () => {
    const it = desk();
    it.findings = [finding("account-refused", "accounts.x", `bad s3cret\u001b[2J\nline\u202e two ${"y".repeat(236)}s3cret`)];
    await it.clock.advance(minute);
    assert.match(it.said[0] ?? "", /accounts\.x: bad \*\*\*\\u001b\[2J line\\u202e two y+\*+…?\n→ Act\./);
  });

  test("show of each finding since when it lasts and who was told", async () => {
    const it = desk();
    const start = it.clock.now();
    it.findings = [revoked];
    assert.deepEqual(await it.notices.findings(), [{ finding: revoked, told: [] }]);
    await it.clock.advance(minute);
    const [shown] = await it.notices.findings();
    assert.deepEqual([shown?.since, shown?.told.map(({ at: _, ...place }) => place)], [start + 5 * second, noticePlaces(settingsOf())]);
  });

  test("a test goes to every place, or says why not", async () => {
    const it = desk({ to: [ops, side, { account: "gone", chat: "3" }, ops] });
    it.unusable.add("support");
    const tested = await it.notices.test("op_1");
    assert.deepEqual(
      tested.map(({ place, result }) => [placeName(place), result.ok || result.fault.code]),
      [
        ["ops/1", true],
        ["support/2", "channel-unreachable"],
        ["gone/3", "account-unknown"],
      ],
    );
    assert.equal(it.said.length, 1);
  });
});
