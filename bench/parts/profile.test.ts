import assert from "node:assert/strict";
import { test } from "node:test";
import { type CpuProfile, summarise } from "./profile.ts";

const frame = (functionName: string, url = "") => ({ functionName, url, lineNumber: 9 });
const profile: CpuProfile = {
  startTime: 1000,
  nodes: [
    { id: 1, callFrame: frame("(root)"), children: [2, 3, 4, 6, 7] },
    { id: 2, callFrame: frame("(idle)") },
    { id: 3, callFrame: frame("(garbage collector)") },
    { id: 4, callFrame: frame("add", "file:///home/x/src/stores/sqlite/messages.ts"), children: [5] },
    { id: 5, callFrame: frame("run") },
    { id: 6, callFrame: frame("parse", "file:///home/x/node_modules/undici/lib/client.js") },
    { id: 7, callFrame: frame("emit", "node:internal/streams/readable") },
  ],
  samples: [6, 2, 3, 4, 5, 7, 6],
  timeDeltas: [0, 100, 100, 100, 100, 100, 100],
};

test("self time between two moments: idle left out, native calls counted for who makes them, no folders of the machine's owner", () => {
  const { rooms, functions } = summarise(profile, 1150, 1550);
  assert.deepEqual(rooms, [
    { name: "garbage collection", share: 0.25 },
    { name: "stores/", share: 0.25 },
    { name: "SQLite and other native calls of stores/", share: 0.25 },
    { name: "node: streams", share: 0.25 },
  ]);
  assert.deepEqual(
    functions.map(({ name, place }) => `${name} ${place}`),
    [
      "(garbage collector) native",
      "add src/stores/sqlite/messages.ts:10",
      "run native, called by add in src/stores/sqlite/messages.ts:10",
      "emit node:internal/streams/readable:10",
    ],
  );
});
