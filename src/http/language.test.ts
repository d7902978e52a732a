import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestServer, type TestServer } from "../../test/http-server.ts";
import { jsonSchema } from "../config/json-schema.ts";
import { languages } from "../languages/speak.ts";

let server: TestServer;
let cookie = "";

before(async () => {
  server = await startTestServer();
  cookie = await server.setup();
});
after(() => server[Symbol.asyncDispose]());

const german = { "accept-language": "de-AT,de;q=0.9,en;q=0.8" };

interface Said {
  readonly message: string;
  readonly hint: string;
}

/** What the same refused request is told with these headers. */
async function told(path: string, ask: { readonly method?: string; readonly body?: unknown }, headers: Readonly<Record<string, string>>) {
  const { json } = await server.ask(path, { cookie, ...ask, headers });
  const { message, hint } = (json as unknown as { error: Said }).error;
  return { message, hint };
}

const cases = [
  {
    ...{ path: "/api/login", ask: { method: "POST", body: { name: "Ada", password: "wrong wrong" } } },
    english: { message: "the name or the password is wrong", hint: "Check the name and the password." },
    german: { message: "Name oder Passwort stimmt nicht", hint: "Name und Passwort prüfen." },
  },
  {
    ...{ path: "/api/conversations/cv_1", ask: {} },
    english: { message: "there is no conversation with this id", hint: "Check the id; it may belong to another tenant." },
    german: {
      message: "Diese Unterhaltung gibt es nicht",
      hint: "Die Kennung prüfen; vielleicht gehört sie zu einem anderen Mandanten.",
    },
  },
  {
    ...{ path: "/api/tokens", ask: { method: "POST", body: { label: "", role: "viewer" } } },
    english: { message: "body.label must have >=1 characters", hint: "Correct the field named in the message." },
    german: { message: "body.label braucht mindestens 1 Zeichen", hint: "Die Angabe berichtigen, die in der Meldung steht." },
  },
  {
    ...{ path: "/api/tokens", ask: { method: "POST", body: { label: "ci", role: "chief" } } },
    english: {
      message: 'body.role must be one of "owner", "admin", "operator", "viewer"',
      hint: "Correct the field named in the message.",
    },
    german: {
      message: 'body.role muss eines von diesen sein: "owner", "admin", "operator", "viewer"',
      hint: "Die Angabe berichtigen, die in der Meldung steht.",
    },
  },
  {
    ...{ path: "/api/accounts/probe", ask: { method: "POST", body: { channel: "nope", settings: {} } } },
    english: { message: 'channel: there is no channel "nope"', hint: "Correct the field named in the message." },
    german: { message: 'Einen Kanal "nope" gibt es nicht', hint: "Die Angabe berichtigen, die in der Meldung steht." },
  },
] as const;

test("a refusal is in the language that the request asks for, and in English where it asks for none", async () => {
  for (const { path, ask, english, german: expected } of cases) {
    for (const headers of [{}, { "accept-language": "*" }, { "accept-language": "fr" }, { "accept-language": "en-GB,de;q=0.5" }]) {
      assert.deepEqual(await told(path, ask, headers), english, JSON.stringify(headers));
    }
    assert.deepEqual(await told(path, ask, german), expected);
  }
});

/** Every description in a schema. */
function* descriptions(schema: unknown): Generator<string> {
  if (typeof schema !== "object" || schema === null) return;
  for (const [key, value] of Object.entries(schema)) {
    if (key === "description" && typeof value === "string") yield value;
    else yield* descriptions(value);
  }
}

test("what each setting is, is said in each language, and nothing else", async () => {
  const english = new Set(descriptions(jsonSchema([], [])));
  assert.ok(english.size > 100);
  for (const [tag, { settings }] of Object.entries(languages)) {
    assert.deepEqual(new Set(Object.keys(settings)), english);
    const { json } = await server.ask("/api/config/schema", { cookie, headers: { "accept-language": tag } });
    assert.deepEqual(new Set(descriptions(json)), new Set(Object.values(settings)));
  }
  assert.deepEqual(new Set(descriptions((await server.ask("/api/config/schema", { cookie })).json)), english);
});
