import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { ceilingViolations, channelSettingViolations, leavesOf } from "./configuration.ts";
import { linkViolations, listViolations, rowNames, settingPageViolations } from "./pages.ts";
import * as rules from "./rules.ts";
import { importsOf, type Source } from "./tree.ts";

const file = (path: string, text = ""): Source => ({ path, text });
const rooms = { core: { may: [] }, channels: { may: ["core"], apart: true }, "main.ts": { may: ["core", "channels"] } } as const;

describe("imports", () => {
  const found = (text: string) => importsOf(file("src/a/b.ts", text));

  test("types, values, re-exports, side effects and lazy ones count", () => {
    assert.deepEqual(found('import type { A } from "./types.ts";'), ["src/a/types.ts"]);
    assert.deepEqual(found('import {\n  a,\n  b,\n} from "../core/ids.ts";'), ["src/core/ids.ts"]);
    assert.deepEqual(found('export * from "./c.ts";\nexport type { D } from "./d.ts";'), ["src/a/c.ts", "src/a/d.ts"]);
    assert.deepEqual(found('import "./effect.ts";'), ["src/a/effect.ts"]);
    assert.deepEqual(found('const x = await import("./lazy.ts");'), ["src/a/lazy.ts"]);
  });

  test("comments and packages don't", () => {
    assert.deepEqual(found('// import { a } from "./a.ts";\n/* import "./b.ts"; */\nimport { z } from "zod";'), []);
    assert.deepEqual(found('const link = "https://x.org/";\nimport { a } from "./after.ts";'), ["src/a/after.ts"]);
  });
});

describe("directions", () => {
  const check = (path: string, target: string) => rules.directionViolations([file(path, `import { a } from "${target}";`)], rooms).length;

  test("allowed ones pass", () => {
    assert.equal(check("src/channels/irc.ts", "../core/ids.ts"), 0);
    assert.equal(check("src/main.ts", "./channels/irc.ts"), 0);
    assert.equal(check("src/channels/irc/send.ts", "./api.ts"), 0);
  });

  test("others don't", () => {
    assert.equal(check("src/core/ids.ts", "../channels/irc.ts"), 1);
    assert.equal(check("src/channels/irc.ts", "./slack.ts"), 1);
    assert.equal(check("src/channels/irc/send.ts", "../slack/send.ts"), 1);
    assert.equal(check("src/core/ids.ts", "../../test/clock.ts"), 1);
    assert.equal(check("src/core/ids.ts", "../main.ts"), 1);
  });

  test("a room that nobody declared is refused", () => assert.equal(check("src/shared/x.ts", "./y.ts"), 1));
});

test("cycles are found through types and several files, and only cycles", () => {
  const ring = [
    file("src/a.ts", 'import type { B } from "./b.ts";'),
    file("src/b.ts", 'import { c } from "./c.ts";'),
    file("src/c.ts", 'export { a } from "./a.ts";'),
  ];
  assert.deepEqual(rules.cycleViolations(ring), ["import cycle: src/a.ts → src/b.ts → src/c.ts → src/a.ts"]);
  const diamond = [
    file("src/a.ts", 'import "./b.ts";\nimport "./c.ts";'),
    file("src/b.ts", 'import "./d.ts";'),
    file("src/c.ts", 'import "./d.ts";'),
    file("src/d.ts"),
  ];
  assert.deepEqual(rules.cycleViolations(diamond), []);
});

test("sizes: each file, the median, files with a limit of their own, and longer tests", () => {
  const of = (path: string, lines: number) => file(path, "x\n".repeat(lines));
  const limits = { median: 3, max: 5, testMax: 8, special: { "src/gateway.ts": 2 } };
  assert.deepEqual(rules.sizeViolations([of("src/a.ts", 3), of("src/a.test.ts", 8), of("src/b.ts", 5), of("src/c.ts", 1)], limits), []);
  assert.equal(rules.sizeViolations([of("src/a.ts", 6), of("src/b.ts", 1), of("src/c.ts", 1)], limits).length, 1);
  assert.equal(rules.sizeViolations([of("src/a.test.ts", 9)], limits).length, 1);
  assert.equal(rules.sizeViolations([of("src/gateway.ts", 3)], limits).length, 1);
  assert.equal(rules.sizeViolations([of("src/a.ts", 4), of("src/b.ts", 4), of("src/c.ts", 1)], limits).length, 1);
});

describe("type escapes", () => {
  const check = (text: string) => rules.typeEscapeViolations([file("src/a.ts", text)]).length;

  for (const text of ["let a: any;", "f<any>()", "x as any", "(a: any) => a", "type A = any;", "Record<string, any>", "let a: any[];"]) {
    test(`${text} is seen`, () => assert.equal(check(text), 1));
  }
  for (const text of ['// any: of them\nconst a = "is any good";', "const any = 1;", "Promise.any(x)", "/** : any */ let a: string;"]) {
    test(`${JSON.stringify(text)} isn't one`, () => assert.equal(check(text), 0));
  }
  test("silencing comments are seen", () => assert.equal(check("// @ts-ignore\nlet a = 1;"), 1));
});

test("names: our words, kebab-case", () => {
  assert.deepEqual(rules.nameViolations(["src/http/api.ts", "ui/src/rooms/trace.test.tsx", "bin/run.mjs"]), []);
  for (const bad of ["src/utils/a.ts", "src/turn-manager.ts", "src/http/request-handler.ts", "src/turn/ctx.ts"]) {
    assert.equal(rules.nameViolations([bad]).length, 1, bad);
  }
  assert.equal(rules.nameViolations(["src/turnLoop.ts"]).length, 1);
});

test("migrations: in order, no gap, no twin", () => {
  const check = (...names: string[]) => rules.migrationViolations(names.map((name) => `src/stores/sql/${name}`)).length;
  assert.equal(check("0001.sql", "0002-people.sql"), 0);
  assert.equal(check("0001.sql", "0003.sql"), 1);
  assert.equal(check("0001.sql", "0001-again.sql"), 1);
  assert.equal(check("0002.sql"), 1);
  assert.equal(check("first.sql"), 1);
});

test("a channel without a contract test is named", () => {
  const good = [
    file("src/channels/irc.test.ts", "channelContract(irc, cases);"),
    file("src/channels/x/send.test.ts", "channelContract(x)"),
  ];
  assert.deepEqual(rules.channelTestViolations(["irc", "x"], good), []);
  assert.equal(rules.channelTestViolations(["irc"], [file("src/channels/irc.test.ts", "// channelContract(irc)")]).length, 1);
  assert.equal(rules.channelTestViolations(["irc"], [file("src/channels/slack.test.ts", "channelContract(slack)")]).length, 1);
});

describe("settings", () => {
  test("leaves are counted through sections, names, lists and choices", () => {
    const schema = z.strictObject({
      name: z.string(),
      tags: z.array(z.string()),
      section: z.strictObject({ a: z.string(), b: z.number() }).prefault({ a: "", b: 0 }),
      named: z.record(z.string(), z.union([z.strictObject({ c: z.string(), d: z.string() }), z.literal(false)])),
      list: z.array(z.strictObject({ e: z.string() })),
      words: z.record(z.string(), z.string()),
    });
    assert.equal(leavesOf(schema), 1 + 1 + 2 + 2 + 1 + 1);
  });

  test("the ceiling holds", () => {
    const three = z.object({ a: z.string(), b: z.string(), c: z.string() });
    assert.deepEqual(ceilingViolations("it", three, 3), []);
    assert.equal(ceilingViolations("it", three, 2).length, 1);
  });

  test("a channel's settings are few and described", () => {
    assert.deepEqual(channelSettingViolations("irc", z.object({ a: z.string().describe("A word.") }), 1), []);
    assert.equal(channelSettingViolations("irc", z.object({ a: z.string() }), 1).length, 1);
    assert.equal(channelSettingViolations("irc", z.object({ a: z.string().describe("x"), b: z.string().describe("y") }), 1).length, 1);
  });
});

describe("pages", () => {
  test("rows are read by their first cell", () => {
    assert.deepEqual(rowNames("| Code | Status |\n|---|---|\n| `a-b` | 1 |\n| [`c`](c.md) | 2 |\n"), ["a-b", "c"]);
  });

  test("lists must agree both ways, without twins", () => {
    assert.deepEqual(listViolations("p", ["a", "b"], ["b", "a"]), []);
    assert.equal(listViolations("p", ["a"], ["a", "b"]).length, 1);
    assert.equal(listViolations("p", ["a", "b"], ["a"]).length, 1);
    assert.equal(listViolations("p", ["a", "a"], ["a"]).length, 1);
  });

  test("a channel's page explains each setting", () => {
    assert.deepEqual(settingPageViolations("p", "| `token` (secret) | |\n", ["token"]), []);
    assert.equal(settingPageViolations("p", "`token` is a word here\n", ["token"]).length, 1);
  });

  test("dead links are named; those to elsewhere and in code are left alone", () => {
    const page = file("docs/a.md", "[x](b.md#part) [y](https://x.org/z.md) `[z](nowhere.md)` [up](../README.md)");
    assert.deepEqual(
      linkViolations([page], (path) => path === "docs/b.md" || path === "README.md"),
      [],
    );
    assert.deepEqual(
      linkViolations([page], (path) => path === "README.md"),
      ["docs/a.md links to docs/b.md, which doesn't exist"],
    );
  });
});
