import assert from "node:assert/strict";
import { test } from "node:test";
import { controlOf, type JsonSchema, pathsIn, readControl, schemaAt, showControl } from "./setting-schema.ts";

const schema: JsonSchema = {
  properties: {
    limits: {
      properties: {
        turns: { type: "integer", minimum: 1, maximum: 9, description: "How many." },
        sender: { properties: { perDay: { type: "integer", maximum: Number.MAX_SAFE_INTEGER } } },
      },
    },
    log: { properties: { level: { type: "string", enum: ["debug", "info"] } } },
    http: {
      properties: {
        hosts: { type: "array" },
        names: { type: "array", items: { type: "string" } },
        words: { type: "string", maxLength: 20_000 },
        publicUrl: { type: "string" },
      },
    },
    accounts: { additionalProperties: { anyOf: [{ properties: { paused: { type: "boolean" } } }, { type: "boolean" }] } },
  },
};

test("a path leads to its schema, through named entries and alternatives", () => {
  assert.equal(schemaAt(schema, "limits.turns")?.description, "How many.");
  assert.equal(schemaAt(schema, "accounts.bot.paused")?.type, "boolean");
  assert.equal(schemaAt(schema, "limits.nothing"), undefined);
  assert.equal(schemaAt(schema, "nothing.at.all"), undefined);
});

test("a section's settings are its leaves, also those of a named entry", () => {
  assert.deepEqual(pathsIn(schema, "accounts.bot"), ["accounts.bot.paused"]);
  assert.deepEqual(pathsIn(schema, "limits"), ["limits.turns", "limits.sender.perDay"]);
  assert.deepEqual(pathsIn(schema, "http"), ["http.hosts", "http.names", "http.words", "http.publicUrl"]);
});

test("each type is asked for in its own way", () => {
  assert.deepEqual(controlOf(schemaAt(schema, "limits.turns")), { kind: "number", whole: true, least: 1, most: 9 });
  assert.deepEqual(controlOf(schemaAt(schema, "limits.sender.perDay")), { kind: "number", whole: true });
  assert.deepEqual(controlOf(schemaAt(schema, "log.level")), { kind: "choice", options: ["debug", "info"] });
  assert.deepEqual(controlOf(schemaAt(schema, "accounts.x.paused")), { kind: "switch" });
  assert.deepEqual(controlOf(schemaAt(schema, "http.publicUrl")), { kind: "text", long: false });
  assert.deepEqual(controlOf(schemaAt(schema, "http.words")), { kind: "text", long: true });
  assert.deepEqual(controlOf(schemaAt(schema, "http.names")), { kind: "list" });
  assert.deepEqual(controlOf(schemaAt(schema, "http.hosts")), { kind: "json" });
  assert.deepEqual(controlOf(undefined), { kind: "json" });
});

test("what was typed becomes the value, or a reason why not", () => {
  assert.deepEqual(readControl({ kind: "number", whole: true }, " 5 "), { value: 5 });
  assert.deepEqual(readControl({ kind: "number", whole: true }, ""), { wrong: "number" });
  assert.deepEqual(readControl({ kind: "number", whole: true }, "five"), { wrong: "number" });
  assert.deepEqual(readControl({ kind: "json" }, '["a"]'), { value: ["a"] });
  assert.deepEqual(readControl({ kind: "json" }, "[a"), { wrong: "json" });
  assert.deepEqual(readControl({ kind: "switch" }, "true"), { value: true });
  assert.deepEqual(readControl({ kind: "text", long: false }, "5"), { value: "5" });
  assert.deepEqual(readControl({ kind: "list" }, "a\n b \n\n"), { value: ["a", "b"] });
  assert.equal(showControl({ kind: "list" }, ["a", "b"]), "a\nb");
  assert.equal(showControl({ kind: "json" }, ["a"]), '[\n  "a"\n]');
  assert.equal(showControl({ kind: "number", whole: true }, 5), "5");
  assert.equal(showControl({ kind: "text", long: false }, undefined), "");
});
