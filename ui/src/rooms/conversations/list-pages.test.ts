import assert from "node:assert/strict";
import { test } from "node:test";
import { markRead, mergeNewest } from "./list-pages.ts";

const row = (id: string, cursor: number) => ({ id, cursor }) as Parameters<typeof mergeNewest>[1][number];
const shown = (pages: ReturnType<typeof mergeNewest>) => pages?.map((page) => page.map(({ id, cursor }) => `${id}${cursor}`));

test("what was said last moves to the top, once, and what left the list is gone", () => {
  const pages = [
    [row("a", 9), row("b", 8)],
    [row("c", 7), row("d", 6), row("e", 5)],
  ];
  const newest = [row("d", 11), row("f", 10), row("b", 8)];
  assert.deepEqual(shown(mergeNewest(pages, newest, false)), [
    ["d11", "f10", "b8"],
    ["c7", "e5"],
  ]);
  assert.deepEqual(shown(mergeNewest(pages, newest, true)), [["d11", "f10", "b8"]], "the newest are all there are");
  assert.equal(mergeNewest(pages, [row("x", 30), row("y", 29)], false), undefined, "something may lie between");
  assert.deepEqual(shown(mergeNewest([], newest, false)), [["d11", "f10", "b8"]]);
});

test("what was read is read on every page, and the others stay the same objects", () => {
  const fresh = (id: string, unreadCount: number) => ({ ...row(id, unreadCount), unread: unreadCount > 0, unreadCount });
  const pages = [[fresh("a", 3), fresh("b", 0)], [fresh("c", 100)]];
  const counts = (all: ReturnType<typeof markRead>) => all.map((page) => page.map(({ unread, unreadCount }) => `${unread} ${unreadCount}`));
  const one = markRead(pages, "c");
  assert.deepEqual(counts(one), [["true 3", "false 0"], ["false 0"]]);
  assert.equal(one[0], pages[0]);
  assert.deepEqual(counts(markRead(pages, undefined)), [["false 0", "false 0"], ["false 0"]]);
  assert.equal(markRead(pages, undefined)[0]?.[1], pages[0]?.[1]);
});
