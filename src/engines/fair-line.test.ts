import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { LaneOwner } from "../core/engine.ts";
import type { AccountId, TenantId } from "../core/ids.ts";
import { createFairLine, type FairLineOptions, type Group, type Standing } from "./fair-line.ts";

interface Item extends Standing<Item> {
  readonly name: string;
  readonly sender: Group<Item>;
}

/** `tenant/account/sender`. */
function ownerOf(path: string): LaneOwner {
  const [tenant, account, sender] = path.split("/") as [TenantId, AccountId, string | undefined];
  return { tenant, account, ...(sender !== undefined && { sender }) };
}

function lineWith(options: Partial<FairLineOptions> = {}) {
  const line = createFairLine<Item>({ room: 1_000_000, limit: () => undefined, ...options });
  let made = 0;
  return {
    line,
    /** How many of them found room. */
    add(path: string, count = 1): number {
      for (let i = 0; i < count; i++) {
        const sender = line.admit(ownerOf(path));
        if (!sender) return i;
        line.push(sender, { name: `${path}#${made++}`, sender, behind: undefined });
      }
      return count;
    },
    /** Whose items come next; each ends before the next begins. */
    take(count: number): string[] {
      const taken: string[] = [];
      for (let i = 0; i < count; i++) {
        const item = line.shift();
        if (!item) break;
        taken.push(item.name.split("#")[0] as string);
        line.end(item.sender);
      }
      return taken;
    },
  };
}

describe("a fair line", () => {
  test("a loud sender's thousand conversations hold up another by one", () => {
    const { add, take } = lineWith();
    add("t/desk/loud", 1_000);
    add("t/desk/ann", 2);
    assert.deepEqual(take(5), ["t/desk/loud", "t/desk/ann", "t/desk/loud", "t/desk/ann", "t/desk/loud"]);
  });

  test("many senders of one account hold up another account by one, many accounts another tenant", () => {
    const { add, take } = lineWith();
    for (let i = 0; i < 100; i++) add(`t/loud/s${i}`, 3);
    for (let i = 0; i < 100; i++) add(`t/a${i}/x`, 3);
    add("t/desk/ann", 3);
    add("other/desk/bob", 3);
    assert.deepEqual(
      take(6).filter((path) => path.startsWith("other")),
      Array(3).fill("other/desk/bob"),
    );
    assert.ok(take(100).includes("t/desk/ann"));
  });

  test("an owner's own come in the order in which they came, and everything comes once", () => {
    const line = createFairLine<Item>({ room: 100_000, limit: () => undefined });
    const wanted = new Map<string, string[]>();
    let n = 7;
    const random = () => {
      n = (n * 1_103_515_245 + 12_345) % 2 ** 31;
      return n / 2 ** 31;
    };
    const running: Item[] = [];
    const got = new Map<string, string[]>();
    const note = (map: Map<string, string[]>, key: string, name: string) => map.set(key, [...(map.get(key) ?? []), name]);
    for (let i = 0; i < 5_000; i++) {
      if (random() < 0.5) {
        const path = `t${Math.floor(random() * 2)}/a${Math.floor(random() * 3)}/s${Math.floor(random() * 4)}`;
        const sender = line.admit(ownerOf(path)) as Group<Item>;
        line.push(sender, { name: `${path}#${i}`, sender, behind: undefined });
        note(wanted, path, `${path}#${i}`);
        continue;
      }
      const ended = random() < 0.5 ? running.shift() : undefined;
      const item = ended ? undefined : line.shift();
      if (ended) line.end(ended.sender);
      if (item) running.push(item);
      if (item) note(got, item.name.split("#")[0] as string, item.name);
    }
    for (let item = line.shift(); item; item = line.shift()) {
      running.push(item);
      note(got, item.name.split("#")[0] as string, item.name);
    }
    for (const { sender } of running) line.end(sender);
    assert.deepEqual(got, new Map([...wanted].sort(([a], [b]) => [...got.keys()].indexOf(a) - [...got.keys()].indexOf(b))));
    assert.deepEqual([line.held, line.ready, line.running], [0, 0, 0]);
  });

  test("an account at its limit stands aside, and comes back when one of its own ends or the limit rises", () => {
    let most: number | undefined = 2;
    const { line, add } = lineWith({ limit: (account) => (account === "desk" ? most : undefined) });
    add("t/desk/ann", 4);
    add("t/desk/bob", 4);
    add("t/shop/eve", 1);
    const shift = () => line.shift()?.name.split("#")[0];
    const first = line.shift() as Item;
    assert.deepEqual([first.name.split("#")[0], shift(), shift(), shift()], ["t/desk/ann", "t/shop/eve", "t/desk/bob", undefined]);
    assert.deepEqual([line.ready, line.held], [0, 6], "those that may not go aren't ready");
    line.end(first.sender);
    assert.deepEqual([shift(), shift()], ["t/desk/ann", undefined]);
    most = undefined;
    line.review();
    assert.equal(line.ready, 5);
    assert.deepEqual([shift(), shift(), shift()], ["t/desk/bob", "t/desk/ann", "t/desk/bob"]);
    most = 1;
    assert.deepEqual([shift(), line.ready], [undefined, 0], "a limit that was lowered counts for those that stand in the line");
  });

  test("nobody fills the room: who comes new finds a place", () => {
    const { line, add } = lineWith({ room: 1_000 });
    const loud = add("t/desk/loud", 10_000);
    assert.ok(loud >= 200 && loud <= 300, `a single sender took ${loud} of 1000`);
    assert.equal(add("t/desk/ann", 5), 5);
    for (let i = 0; i < 10_000; i++) add(`t/desk/s${i}`);
    assert.ok(line.held < 400, `one account took ${line.held} of 1000`);
    assert.equal(add("t/shop/eve", 5), 5);
    for (let i = 0; i < 10_000; i++) add(`t/a${i}/s`, 3);
    assert.ok(line.held <= 510, `one tenant took ${line.held} of 1000`);
    assert.equal(add("other/desk/bob", 5), 5);
    for (let i = 0; i < 10_000; i++) add(`t${i}/a/s`, 3);
    assert.ok(line.held <= 1_000);
  });
});
