import assert from "node:assert/strict";
import { test } from "node:test";
import { createMask } from "../vault/mask.ts";
import { createLog, type LogLevel } from "./log.ts";

function logTo(lines: string[], options: { level?: LogLevel; pretty?: boolean; mask?: (text: string) => string } = {}) {
  const { level = "debug", pretty = false, mask = (text: string) => text } = options;
  return createLog({ level, pretty, mask, write: (line) => void lines.push(line) });
}

/** What somebody could put into a name, a header or an error. */
const hostile = [
  'x\r\n{"level":"info","event":"forged"}',
  "\u001b[2J\u001b[31mred\u001b]0;title\u0007",
  "\u009b31m, one character of C1",
  "before\u2028after\u2029end\u0085",
  "invoice\u202egpj.exe",
  '"},"event":"forged","x":{"',
  "\ud800 half a character",
];

const colours = [0, 31, 33, 36, 90].map((code) => `\u001b[${code}m`);

for (const pretty of [false, true]) {
  test(`hostile text stays in its line${pretty ? ", also for a terminal" : ""}`, () => {
    for (const text of hostile) {
      const lines: string[] = [];
      const { log } = logTo(lines, { pretty });
      log.with({ name: text }).warn("login-refuse", { agent: text, nested: { [text]: [text] } });
      assert.equal(lines.length, 1);
      const [line = ""] = lines;
      assert.equal(line.match(/[\n\u2028\u2029\u0085]/g)?.length, 1, "one line end, at the end");
      assert.ok(line.endsWith("\n"));
      const own = pretty ? colours.reduce((text, colour) => text.replaceAll(colour, ""), line) : line;
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
      assert.doesNotMatch(own.slice(0, -1), /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
    }
  });
}

test("a line is JSON with level, time, fields and event, and gives the text back", () => {
  for (const text of hostile) {
    const lines: string[] = [];
    logTo(lines).log.with({ account: "bot" }).info("said", { text, gone: undefined });
    const { time, ...rest } = JSON.parse(lines[0] ?? "");
    assert.deepEqual(rest, { level: "info", account: "bot", text: text.isWellFormed() ? text : rest.text, event: "said" });
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
});

test("secrets are masked wherever they stand, in errors, causes and stacks too", () => {
  const canary = 'cana"ry+secret/1234567890';
  const mask = createMask();
  mask.add(canary);
  for (const pretty of [false, true]) {
    const lines: string[] = [];
    const { log } = logTo(lines, { mask: mask.mask, pretty });
    const cause = Object.assign(new Error(`401 for ${canary}`), { url: `https://api.example/${encodeURIComponent(canary)}` });
    log.with({ url: `https://x.example/bot${encodeURIComponent(canary)}/getMe` }).error("send-fail", {
      cause: new Error(`failed: ${canary}`, { cause }),
      header: `Basic ${Buffer.from(`user:${canary}`).toString("base64")}`,
      list: [{ deep: canary }],
      [canary]: 1,
    });
    log.debug(canary);
    const all = lines.join("");
    assert.equal(lines.length, 2);
    assert.doesNotMatch(all, /cana/);
    assert.doesNotMatch(all, /1234567890/);
    assert.match(all, /•••/);
  }
});

test("a secret that a long text is cut off in isn't shown in part", () => {
  const canary = "canary-0123456789-0123456789";
  const mask = createMask();
  mask.add(canary);
  for (let before = 1_970; before <= 2_000; before++) {
    const lines: string[] = [];
    const text = `${"x".repeat(before)}${canary}${"y".repeat(100)}`;
    logTo(lines, { mask: mask.mask }).log.info("long", { text, cause: new Error(text) });
    assert.doesNotMatch(lines.join(""), /canary/);
  }
});

test("what isn't JSON is written as what it is, of bounded size", () => {
  const lines: string[] = [];
  const cycle: Record<string, unknown> = { name: "cycle" };
  cycle.self = cycle;
  let deep: unknown = "end";
  for (let i = 0; i < 1_000; i++) deep = { deep };
  logTo(lines).log.info("odd", {
    cycle,
    deep,
    long: "x".repeat(1_000_000),
    many: Array.from({ length: 10_000 }, (_, i) => i),
    bytes: new Uint8Array(1_000),
    big: 2n ** 64n,
    when: new Date(0),
    bad: new Date(Number.NaN),
    map: new Map([["a", 1]]),
    run: () => {},
    error: Object.assign(new TypeError("broken"), { code: "E_BROKEN" }),
  });
  const [line = ""] = lines;
  assert.ok(line.length < 10_000, String(line.length));
  const fields = JSON.parse(line);
  assert.deepEqual(fields.cycle, { name: "cycle", self: "(again)" });
  assert.equal(fields.bytes, "(1000 bytes)");
  assert.equal(fields.big, "18446744073709551616");
  assert.deepEqual([fields.when, fields.bad, fields.map, fields.run], ["1970-01-01T00:00:00.000Z", "(no date)", { a: 1 }, "function"]);
  assert.deepEqual([fields.error.name, fields.error.message, fields.error.code], ["TypeError", "broken", "E_BROKEN"]);
  assert.equal(fields.many.length, 50);
});

test("the level counts for every log, also when it is changed later", () => {
  const lines: string[] = [];
  const { log, setLevel } = logTo(lines, { level: "warn" });
  const child = log.with({ part: "http" });
  child.info("quiet");
  child.warn("loud");
  setLevel("debug");
  child.debug("now loud");
  log.debug("now loud");
  setLevel("error");
  child.warn("quiet again");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).event),
    ["loud", "now loud", "now loud"],
  );
});
