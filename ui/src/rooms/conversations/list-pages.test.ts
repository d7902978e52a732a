import assert from "node:assert/strict";
import { test } from "node:test";
import { mergeNewest } from "./list-pages.ts";

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
