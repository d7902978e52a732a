import assert from "node:assert/strict";
import { test } from "node:test";
import { eventReader } from "./sse.ts";

const stream = new TextEncoder().encode(
  [
    "\uFEFF: a comment\nevent: start\ndata: one\n\n",
    "data: Grüße, 世界 🌍\ndata:second line\nid: 7\nretry: 10\nunknown: x\n\n",
    "event: crlf\r\ndata: two\r\n\r\n",
    "event: cr\rdata: three\r\r",
    "event: nothing to say\n\n",
    "data\n\n",
    "data: never finished",
  ].join(""),
);
const events = [
  ["start", "one"],
  [undefined, "Grüße, 世界 🌍\nsecond line"],
  ["crlf", "two"],
  ["cr", "three"],
];

function readIn(pieces: readonly Uint8Array[]): unknown[] {
  const read = eventReader();
  return pieces.flatMap((piece) => read(piece).map(({ event, data }) => [event, data]));
}

test("whole, byte by byte, and cut in two anywhere", () => {
  assert.deepEqual(readIn([stream]), events);
  assert.deepEqual(readIn([...stream].map((byte) => Uint8Array.of(byte))), events);
  for (let at = 0; at <= stream.length; at++)
    assert.deepEqual(readIn([stream.subarray(0, at), stream.subarray(at)]), events, `cut at ${at}`);
});

test("an event without end is given up, and dripping costs no more than it is long", () => {
  const read = eventReader();
  read(new TextEncoder().encode("data: "));
  const drip = new Uint8Array(64 * 1024).fill(120);
  assert.throws(
    () => {
      for (let n = 0; n < 1000; n++) read(drip);
    },
    { name: "ParseError" },
  );
});
