import assert from "node:assert/strict";
import { test } from "node:test";
import { parseForeignJson, parseJson } from "./json.ts";

const parse = (text: string, depth?: number) => parseJson(Buffer.from(text), depth);
const codeOf = (text: string) => {
  const result = parse(text);
  return result.ok ? "ok" : result.fault.code;
};

test("what is valid comes through as JSON.parse reads it", () => {
  const text = '{"a":[1,-0,"\\u00e9","[[[{{{",{"b":null}],"c":"\\"]\\\\"}';
  assert.deepEqual(parse(text), { ok: true, value: JSON.parse(text) });
});

test("depth is counted outside of strings only", () => {
  assert.equal(parse("[[]]", 2).ok, true);
  assert.equal(parse("[[[]]]", 2).ok, false);
  assert.equal(parse('["[[[[[[", "\\"[[["]', 1).ok, true);
  assert.equal(parse("[[],[],[]]", 2).ok, true);
});

const refused: readonly (readonly [string, string, string])[] = [
  ["100,000 levels", "[".repeat(100_000) + "]".repeat(100_000), "body-too-deep"],
  ["1 MB of open brackets", "[".repeat(1_000_000), "body-too-deep"],
  ["open objects", '{"a":'.repeat(5_000), "body-too-deep"],
  ["nothing", "", "body-malformed"],
  ["a comma too many", "[1,]", "body-malformed"],
  ["a bare word", "nope", "body-malformed"],
  ["__proto__", '{"__proto__":{"admin":true}}', "body-malformed"],
  ["__proto__ inside", '[{"a":{"__proto__":1}}]', "body-malformed"],
  ["__proto__ escaped", '{"\\u005f\\u005fproto\\u005f\\u005f":{"admin":true}}', "body-malformed"],
  ["proto in the middle escaped", '{"__pr\\u006fto__":{"admin":true}}', "body-malformed"],
];
for (const [name, text, code] of refused) test(`refused: ${name}`, () => assert.equal(codeOf(text), code));

test("the word __proto__ as a value is fine", () => assert.equal(codeOf('{"a":"__proto__"}'), "ok"));

test("bytes that aren't UTF-8 are refused", () => {
  const result = parseJson(Buffer.from([0x22, 0xc3, 0x28, 0x22]));
  assert.equal(!result.ok && result.fault.code, "body-malformed");
});

test("of what strangers wrote one odd value costs nothing else: any depth is read, and a prototype is dropped", () => {
  const foreign = (text: string) => parseForeignJson(Buffer.from(text));
  const deep = foreign(`{"deep":${"[".repeat(200_000)}${"]".repeat(200_000)},"after":1}`);
  assert.ok(deep.ok && (deep.value as { after?: number }).after === 1);
  assert.deepEqual(foreign('{"a":[{"__proto__":{"b":1},"c":2}],"\\u005f_proto__":3}'), { ok: true, value: { a: [{ c: 2 }] } });
  for (const text of ["", "{", "\xff"]) assert.equal(foreign(text).ok, false, text);
  assert.equal(parseForeignJson(new Uint8Array([0x22, 0xff, 0x22])).ok, false);
});
