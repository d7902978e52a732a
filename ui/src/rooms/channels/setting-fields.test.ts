import assert from "node:assert/strict";
import { test } from "node:test";
import { collect, labelOf, readFields, readList, valuesOf } from "./setting-fields.ts";

const schema = {
  type: "object",
  properties: {
    apiRoot: { type: "string", format: "uri", default: "https://api.example.org", description: "Where the API is." },
    token: { anyOf: [{ type: "string" }, { type: "object" }], format: "secret", description: "The bot's token." },
    mode: { type: "string", enum: ["poll", "webhook"], default: "poll" },
    previews: { type: "boolean", default: false },
    port: { type: "integer", minimum: 1, maximum: 65_535 },
    rooms: { type: "array", items: { type: "string" } },
    headers: { type: "object", additionalProperties: { type: "string" } },
  },
  required: ["token", "apiRoot"],
};

test("reads every kind of setting, what must be given first", () => {
  const fields = readFields(schema);
  assert.deepEqual(
    fields.map(({ key, kind, required }) => `${key} ${kind}${required ? " required" : ""}`),
    ["token secret required", "apiRoot address", "mode choice", "previews switch", "port number", "rooms list", "headers json"],
  );
  assert.deepEqual(fields.find(({ key }) => key === "mode")?.choices, ["poll", "webhook"]);
});

test("sends only what was given, in the schema's types", () => {
  const { settings, problems } = collect(readFields(schema), {
    token: " 12:ab ",
    apiRoot: "",
    previews: true,
    port: "8080",
    rooms: "a, b\nb",
    headers: '{"x":"y"}',
  });
  assert.deepEqual(problems, {});
  assert.deepEqual(settings, { token: "12:ab", previews: true, port: 8080, rooms: ["a", "b"], headers: { x: "y" } });
});

test("names what is missing or can't be read", () => {
  const { problems } = collect(readFields(schema), { apiRoot: "no address", port: "70000", headers: "{" });
  assert.deepEqual(problems, { token: "missing", apiRoot: "address", port: "range", headers: "json" });
});

test("fills the form from stored settings and leaves secrets empty", () => {
  const fields = readFields(schema);
  assert.deepEqual(valuesOf(fields, { token: "••••", port: 80, rooms: ["a", "b"], previews: true }), {
    port: "80",
    rooms: "a\nb",
    previews: true,
  });
});

test("a schema that says nothing gives no fields", () => {
  assert.deepEqual(readFields({}), []);
  assert.deepEqual(readFields({ properties: null }), []);
});

test("labels and lists as people write them", () => {
  assert.equal(labelOf("apiRoot"), "API root");
  assert.equal(labelOf("webhook_secret"), "Webhook secret");
  assert.deepEqual(readList(" 1, 2;3\n3 "), ["1", "2", "3"]);
});
