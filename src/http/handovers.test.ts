import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Ask, startTestServer, type TestServer } from "../../test/http-server.ts";
import { hashSecret } from "../access/secrets.ts";
import type { PlatformEvent } from "../core/event.ts";
import { type AccountId, defaultTenant, type OperatorId, type TenantId } from "../core/ids.ts";
import { type LiveEvent, liveTypes } from "../core/live.ts";
import type { Role } from "../core/records.ts";

let server: TestServer;
let cookie = "";
let conversation = "";
let elsewhere = "";
const events: LiveEvent[] = [];
const grace = "op_grace" as OperatorId;

before(async () => {
  server = await startTestServer();
  cookie = await server.setup();
  server.live.subscribe(defaultTenant, liveTypes, (event) => events.push(event));
  conversation = await receive(defaultTenant, "1");
  elsewhere = await receive("other" as TenantId, "2");
  await operator("grace", grace, "operator");
  await operator("vera", "op_vera" as OperatorId, "viewer");
});
after(() => server[Symbol.asyncDispose]());

async function receive(tenant: TenantId, key: string): Promise<string> {
  const event: PlatformEvent = {
    ...{ kind: "message", key, platformId: `p${key}`, at: 1, addressed: true },
    chat: { id: "9", kind: "direct" },
    sender: { id: "7", name: "Eve", bot: false, self: false },
    parts: [{ type: "text", text: "hello", markup: "plain" }],
  };
  const [received] = await server.store.receive({ tenant, account: "bot" as AccountId, channel: "toy", at: 5, events: [event] });
  return received?.conversation ?? "";
}

/** An operator whose token ends with its name. */
async function operator(name: string, id: OperatorId, role: Role): Promise<void> {
  const { records } = server.store;
  const made = { tenant: defaultTenant, id, name, role, createdAt: 1, passwordHash: "x" };
  assert.equal(await records.addOperator(made, { onlyFirst: false }), true);
  const credential = { tenant: defaultTenant, kind: "token", operator: id, role, label: name, createdAt: 1 } as const;
  await records.addCredential({ ...credential, hash: hashSecret(`plg_${name}`) });
}

const path = (end = "") => `/api/conversations/${conversation}${end}`;
const post = (body: unknown): Ask => ({ method: "POST", cookie, body });
const by = (token: string, body: unknown): Ask => ({ method: "POST", token: `plg_${token}`, body });
const get = async (at: string) => (await server.ask(at, { cookie })).json as never as { [key: string]: unknown }[];

test("two operators: who was faster has it, the other takes it from them, gives it away, and hands it back", async () => {
  const taken = await server.ask(path("/take"), post({ reason: "a complaint" }));
  assert.equal(taken.status, 200, taken.text);
  const { conversation: now, quiet } = taken.json as never as {
    conversation: { handover: { assignee: string; reason: string } };
    quiet: boolean;
  };
  assert.deepEqual([quiet, now.handover.reason], [true, "a complaint"]);
  assert.equal(events.at(-1)?.type, "control");
  const ada = now.handover.assignee;
  const late = await server.ask(path("/take"), by("grace", {}));
  assert.deepEqual([late.status, late.json.error?.code], [409, "conversation-taken"]);
  assert.equal((await server.ask(path("/take"), by("grace", { from: ada }))).status, 200);
  assert.equal((await server.ask(path("/assign"), post({ to: ada, from: ada }))).status, 409, "it was taken meanwhile");
  assert.equal((await server.ask(path("/assign"), post({ to: "op_nobody", from: grace }))).status, 404);
  const given = await server.ask(path("/assign"), post({ to: null, from: grace }));
  assert.deepEqual([given.status, (given.json as { handover?: { assignee?: string } }).handover?.assignee], [200, undefined]);

  const version = (given.json as { controlVersion: number }).controlVersion;
  const draft = await server.ask(path("/return-note"), { method: "POST", cookie });
  assert.deepEqual([draft.status, draft.json], [200, { note: "", by: "messages" }], "nothing was said since");
  assert.equal((await server.ask(path("/return"), post({ version: version - 1 }))).status, 409);
  const back = await server.ask(path("/return"), post({ version, note: "All is well." }));
  assert.deepEqual([back.status, back.json.control], [200, "agent"], back.text);
  const [over] = await get(`/api/handovers?conversation=${conversation}`);
  assert.deepEqual([over?.note, over?.takenAt !== undefined, over?.score], ["All is well.", true, undefined]);
  assert.deepEqual(await get("/api/handovers?scored=true"), []);
});

test("notes are for operators, and every window hears of one", async () => {
  assert.equal((await server.ask(path("/notes"), by("grace", { text: " look at the invoice " }))).status, 201);
  assert.deepEqual(events.at(-1), { type: "note", conversation });
  const notes = await get(path("/notes"));
  assert.deepEqual([notes.length, notes[0]?.text, notes[0]?.by], [1, "look at the invoice", "token:grace"]);
  assert.equal((await server.ask(path("/notes"), post({ text: "  " }))).status, 400);
  assert.deepEqual((await get("/api/team")).map(({ name }) => name).sort(), ["Ada", "grace", "vera"]);
});

test("a file is what its bytes say, and is sent like any message", async () => {
  const png = Uint8Array.from(
    Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64"),
  );
  const file = (bytes: Uint8Array, type = "application/octet-stream", query = "name=a.exe&caption=Look") =>
    fetch(`http://127.0.0.1:${server.server.port}${path(`/files?${query}`)}`, {
      method: "POST",
      headers: { "content-type": type, cookie, origin: `http://127.0.0.1:${server.server.port}` },
      body: bytes as never,
    });
  assert.equal((await file(png)).status, 202);
  const [part] = server.sent.at(-1)?.parts ?? [];
  assert.ok(part?.type === "image" && part.source.at === "store");
  assert.deepEqual([part.name, part.caption, part.source.mediaType, part.source.size], ["a.exe", "Look", "image/png", png.length]);
  assert.deepEqual(Buffer.from(await server.files.read(defaultTenant, part.source.id)), Buffer.from(png));
  for (const [answer, status] of [
    [file(new Uint8Array(0)), 422],
    [file(png, "image/png"), 415],
    [file(png, "application/octet-stream", "caption=x"), 400],
    [file(new Uint8Array(21 * 2 ** 20)), 413],
  ] as const) {
    assert.equal((await answer).status, status);
  }
});

test("who only looks changes nothing, and another tenant's conversation isn't there", async () => {
  for (const [end, body] of [
    ["/take", {}],
    ["/assign", { to: null, from: null }],
    ["/return", { version: 1 }],
    ["/return-note", undefined],
    ["/notes", { text: "x" }],
  ] as const) {
    assert.equal((await server.ask(path(end), by("vera", body))).status, 403, end);
    assert.equal((await server.ask(`/api/conversations/${elsewhere}${end}`, post(body))).status, 404, end);
  }
  assert.equal((await server.ask(`/api/conversations/${elsewhere}/notes`, { cookie })).status, 404);
  assert.deepEqual(await get(`/api/handovers?conversation=${elsewhere}`), []);
});
