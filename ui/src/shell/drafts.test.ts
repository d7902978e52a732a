import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Drafts } from "./drafts.ts";

/** What a browser keeps under a name. */
function place() {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

function machine() {
  const shared = place();
  let now = 1_000;
  return {
    shared,
    tab() {
      const own = place();
      const load = () =>
        new Drafts(
          () => own,
          () => shared,
          () => ++now,
        );
      return { own, load };
    },
  };
}

describe("drafts", () => {
  test("outlive a reload, each conversation and kind for itself, and are gone when sent", () => {
    const { own, load } = machine().tab();
    const first = load();
    first.claim("ada");
    first.write("one", "reply", "to the");
    first.write("one", "reply", "to the chat");
    first.write("one", "internal", "to the team");
    first.write("two", "reply", "elsewhere");
    const second = load();
    second.claim("ada");
    assert.deepEqual(second.of("one"), { reply: "to the chat", internal: "to the team" });
    assert.deepEqual([...second.ids()], ["one", "two"]);
    assert.deepEqual(second.of("three"), {});

    second.sent("one", "reply", "to the chat");
    assert.deepEqual(second.of("one"), { internal: "to the team" });
    second.write("two", "reply", "elsewhere, and more");
    second.sent("two", "reply", "elsewhere");
    assert.deepEqual(second.of("two"), { reply: "elsewhere, and more" }, "what was typed while it was sent stays");
    second.write("two", "reply", "");
    second.sent("one", "internal", "to the team");
    assert.equal(own.kept.size, 0, "nothing is left behind");
  });

  test("are told of, with the same set of conversations until it changes", () => {
    const drafts = machine().tab().load();
    let told = 0;
    const stop = drafts.watch(() => told++);
    drafts.write("one", "reply", "a");
    const before = drafts.ids();
    drafts.write("one", "reply", "ab");
    assert.equal(drafts.ids(), before);
    drafts.write("one", "reply", "");
    assert.notEqual(drafts.ids(), before);
    stop();
    drafts.write("one", "reply", "a");
    assert.equal(told, 3);
  });

  test("are nobody else's", () => {
    const { own, load } = machine().tab();
    const hers = load();
    hers.claim("ada");
    hers.write("one", "reply", "mine");
    const his = load();
    his.claim("grace");
    assert.deepEqual(his.of("one"), {});
    assert.equal(own.kept.size, 0);
  });

  test("of every tab are void once somebody signs out, also of one that slept through it", () => {
    const { tab, shared } = machine();
    const [one, other] = [tab(), tab()];
    const leaving = one.load();
    leaving.claim("ada");
    leaving.write("one", "reply", "secret");
    const slept = other.load();
    slept.claim("ada");
    slept.write("one", "reply", "secret too");
    leaving.signOut();
    assert.deepEqual([leaving.of("one"), one.own.kept.size], [{}, 0]);
    const woken = other.load();
    woken.claim("ada");
    assert.deepEqual([woken.of("one"), other.own.kept.size], [{}, 0]);
    assert.doesNotMatch([...shared.kept.values()].join(), /secret/);
    woken.write("one", "reply", "of the next login");
    assert.deepEqual(other.load().of("one"), { reply: "of the next login" });
  });

  test("last as long as the page where the browser keeps nothing", () => {
    const refuse = () => {
      throw new Error("storage is forbidden");
    };
    const drafts = new Drafts(refuse, refuse);
    drafts.claim("ada");
    drafts.write("one", "reply", "a");
    assert.deepEqual(drafts.of("one"), { reply: "a" });
    drafts.signOut();
    assert.deepEqual(drafts.of("one"), {});
  });
});
