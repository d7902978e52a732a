import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Ask, startTestServer, type TestServer } from "../../test/http-server.ts";
import { hashSecret } from "../access/secrets.ts";
import { fail, ok } from "../core/errors.ts";
import type { PlatformEvent } from "../core/event.ts";
import { type AccountId, type ConversationId, defaultTenant, type MessageId, newId, type TenantId } from "../core/ids.ts";
import { type LiveEvent, liveTypes } from "../core/live.ts";
import type { Received } from "../core/store.ts";

let server: TestServer;
let cookie = "";
let ours: Received;
let theirs: Received;
const events: LiveEvent[] = [];
const other = "other" as TenantId;

before(async () => {
  server = await startTestServer();
  cookie = await server.setup();
  server.live.subscribe(defaultTenant, liveTypes, (event) => events.push(event));
  ours = await receive(defaultTenant, "1", 'Hello <img src=x onerror=alert(1)> "you"');
  theirs = await receive(other, "2", "Not for you");
});
after(() => server[Symbol.asyncDispose]());

async function receive(tenant: TenantId, key: string, text: string): Promise<Received> {
  const event: PlatformEvent = {
    ...{ kind: "message", key, platformId: `p${key}`, at: 1, addressed: true },
    chat: { id: "9007199254740993", kind: "direct" },
    sender: { id: "7", name: "<b>Eve</b>\r\nSet-Cookie: x", bot: false, self: false },
    parts: [{ type: "text", text, markup: "plain" }],
  };
  const [received] = await server.store.receive({ tenant, account: "bot" as AccountId, channel: "toy", at: 5, events: [event] });
  return received as Received;
}

async function enqueue(tenant: TenantId, conversation: ConversationId): Promise<string> {
  const found = await server.store.records.conversation(tenant, conversation);
  assert.ok(found);
  const parts = [{ type: "text", text: "answer", markup: "plain" }] as const;
  const { account, channel, chat } = found;
  const delivery = { content: { text: "<b>answer</b>", visible: "answer" }, onUnknown: "hold" } as const;
  const made = await server.store.enqueue({
    tenant,
    account,
    channel,
    chat,
    author: "operator",
    message: newId("message", 5),
    parts,
    deliveries: [delivery],
    at: 5,
  });
  return made.deliveries[0] as string;
}

const get = (path: string) => server.ask(path, { cookie });
const put = (body: unknown): Ask => ({ method: "PUT", cookie, body });
const post = (body: unknown): Ask => ({ method: "POST", cookie, body });

test("the flow, the conversation and its messages, as they were stored", async () => {
  const [story] = (await get("/api/stories")).json as unknown as { trace: string; state: string; conversation: string; preview: string }[];
  assert.deepEqual([story?.trace, story?.state, story?.conversation], [ours.event, "queued", ours.conversation]);
  assert.match(story?.preview ?? "", /^Hello <img/);
  const conversation = await get(`/api/conversations/${ours.conversation}`);
  assert.deepEqual((conversation.json.chat as { id: string }).id, "9007199254740993", "ids are text: nothing is rounded (A24)");
  const [message] = (await get(`/api/conversations/${ours.conversation}/messages`)).json as unknown as {
    parts: { text: string }[];
    sender: { name: string };
  }[];
  assert.equal(message?.parts[0]?.text, 'Hello <img src=x onerror=alert(1)> "you"');
  assert.equal(message?.sender.name, "<b>Eve</b>\r\nSet-Cookie: x");
  assert.deepEqual(
    ((await get("/api/conversations")).json as unknown as { id: string }[]).map(({ id }) => id),
    [ours.conversation],
  );
});

test("a trace by the event's, the message's and the platform's id", async () => {
  for (const id of [ours.event, ours.message, "p1"]) {
    const { status, json } = await get(`/api/traces/${id}`);
    assert.deepEqual([status, json.trace], [200, ours.event], String(id));
    assert.deepEqual(
      (json.entries as { stage: string }[]).map(({ stage }) => stage),
      ["received"],
    );
  }
});

test("what is done to a message goes to the gateway, by whoever asks", async () => {
  assert.deepEqual((await server.ask("/api/messages/ms_1/react", post({ reaction: "👍" }))).json, { ok: true });
  assert.deepEqual((await server.ask("/api/messages/ms_1/react", post({}))).json, { ok: true });
  assert.deepEqual((await server.ask("/api/messages/ms_1/take-back", post({}))).json, { lost: 0 });
  assert.deepEqual(
    server.touched.map(({ message, touch, by }) => [message, touch, by !== ""]),
    [
      ["ms_1", { kind: "react", reaction: "👍" }, true],
      ["ms_1", { kind: "react" }, true],
      ["ms_1", { kind: "take-back" }, true],
    ],
  );
  for (const reaction of ["", "x".repeat(33), 5])
    assert.equal((await server.ask("/api/messages/ms_1/react", post({ reaction }))).status, 400);
});

test("pages follow each other without a gap or a repeat", async () => {
  for (let i = 10; i < 17; i++) await receive(defaultTenant, String(i), `message ${i}`);
  for (const [path, cursor] of [
    ["/api/stories", "cursor"],
    [`/api/conversations/${ours.conversation}/messages`, "seq"],
    ["/api/audit", "n"],
  ] as const) {
    const all = (await get(`${path}?limit=200`)).json as unknown as Record<string, unknown>[];
    const paged: unknown[] = [];
    for (let before = ""; ; ) {
      const page = (await get(`${path}?limit=2${before}`)).json as unknown as Record<string, unknown>[];
      paged.push(...page);
      if (page.length === 0) break;
      before = `&before=${page.at(-1)?.[cursor]}`;
    }
    assert.deepEqual(paged, all, path);
  }
});

const queries = ["limit=0", "limit=201", "limit=x", "limit=1e400", "before=-1", "state=sleeping", "tenant=other", "account=a&nothing=1"];
for (const query of queries) {
  test(`the query ${query} answers 400 (A46)`, async () => {
    assert.deepEqual([(await get(`/api/stories?${query}`)).status], [400]);
  });
}

test("who speaks changes under the version that was seen, and windows are told", async () => {
  const path = `/api/conversations/${ours.conversation}/control`;
  const version = (await get(`/api/conversations/${ours.conversation}`)).json.controlVersion as number;
  const taken = await server.ask(path, put({ control: "human", version }));
  assert.deepEqual([taken.status, taken.json.control, taken.json.controlVersion], [200, "human", version + 1], taken.text);
  assert.deepEqual(events.at(-1), { type: "control", conversation: ours.conversation, control: "human", version: version + 1 });
  const stale = await server.ask(path, put({ control: "agent", version }));
  assert.deepEqual([stale.status, stale.json.error?.code], [409, "version-conflict"]);
  assert.equal((await server.ask(path, put({ control: "nobody", version: version + 1 }))).status, 400);
});

test("an operator's words go out as he wrote them, under his name", async () => {
  const sent = await server.ask(`/api/conversations/${ours.conversation}/messages`, post({ text: " *hello* " }));
  assert.equal(sent.status, 202);
  const message = server.sent.at(-1);
  assert.deepEqual(message?.parts, [{ type: "text", text: "*hello*", markup: "plain" }]);
  assert.deepEqual(message?.to, { conversation: ours.conversation });
  assert.match(String(message?.by), /^op_/);
  for (const text of ["", "   ", "x".repeat(20_001)]) {
    assert.equal((await server.ask(`/api/conversations/${ours.conversation}/messages`, post({ text }))).status, 400);
  }
});

test("deliveries: listed by state, dropped by hand, audited", async () => {
  const id = await enqueue(defaultTenant, ours.conversation);
  const listed = (await get("/api/deliveries?state=queued,unknown")).json as unknown as { id: string; text: string }[];
  assert.deepEqual(
    listed.map(({ id, text }) => ({ id, text })),
    [{ id, text: "answer" }],
  );
  assert.deepEqual((await get("/api/deliveries?state=unknown")).json, []);
  assert.equal((await get("/api/deliveries?state=lost")).status, 400);
  const dropped = await server.ask("/api/deliveries/drop", post({ ids: [id, id] }));
  assert.deepEqual(
    (dropped.json as unknown as { id: string; state: string }[]).map(({ state }) => state),
    ["dropped"],
  );
  assert.deepEqual((await server.ask("/api/deliveries/drop", post({ ids: [id] }))).json, [], "it is settled");
  assert.equal((await server.ask("/api/deliveries/drop", post({ ids: [] }))).status, 400);
});

/** A delivery that the platform refused. */
async function refuse(tenant: TenantId, conversation: ConversationId): Promise<string> {
  const id = await enqueue(tenant, conversation);
  const lease = await server.store.lease(`send:${conversation}`);
  assert.ok(lease);
  const begun = await server.store.beginAttempt(lease, conversation, 9);
  assert.ok(begun.kind === "begun");
  const outcome = { kind: "refused", code: "channel-permanent", message: "blocked" } as const;
  assert.ok((await server.store.endAttempt(lease, begun.delivery, { outcome, at: 9 })).ok);
  await server.store.release(lease);
  return id;
}

test("dead letters: listed by a filter, looked at, retried one and all, discarded", async () => {
  const ids = [await refuse(defaultTenant, ours.conversation), await refuse(defaultTenant, ours.conversation)];
  const foreign = await refuse(other, theirs.conversation);
  const dead = async (query = "") => (await get(`/api/dead${query}`)).json as unknown as { id: string; state: string }[];
  assert.deepEqual((await dead()).map(({ id }) => id).toSorted(), ids.toSorted());
  assert.equal((await dead("?state=failed,poison&account=bot&code=channel-permanent")).length, 2);
  for (const query of ["?state=unknown", "?account=else", "?code=channel-retry"]) assert.deepEqual(await dead(query), [], query);
  assert.equal((await get("/api/dead?state=sent")).status, 400);
  const story = (await get(`/api/dead/${ids[0]}`)).json as unknown as { letter: { error: object }; entries: { stage: string }[] };
  assert.deepEqual(story.letter.error, { code: "channel-permanent", message: "blocked" });
  const { json: german } = await server.ask(`/api/dead/${ids[0]}`, { cookie, headers: { "accept-language": "de" } });
  const { error } = (german as unknown as { letter: { error: object } }).letter;
  assert.deepEqual(error, { code: "channel-permanent", message: "Die Plattform hat es abgelehnt: blocked" });
  assert.deepEqual(
    story.entries.map(({ stage }) => stage),
    ["delivery-queued", "delivery-start", "delivery-fail"],
  );
  assert.equal((await get(`/api/dead/${foreign}`)).status, 404);
  for (const body of [{}, { ids: [] }, { ids, all: {} }, { all: { states: ["sent"] } }]) {
    assert.equal((await server.ask("/api/dead/retry", post(body))).status, 400, JSON.stringify(body));
  }
  assert.deepEqual((await server.ask("/api/dead/retry", post({ ids: [ids[0], foreign] }))).json, { settled: 1 });
  assert.deepEqual((await server.ask("/api/dead/retry", post({ all: { code: "channel-retry" } }))).json, { settled: 0 });
  assert.deepEqual((await server.ask("/api/dead/retry", post({ all: {} }))).json, { settled: 1 });
  const states = await Promise.all(ids.map(async (id) => (await server.store.records.delivery(defaultTenant, id as never))?.state));
  assert.deepEqual(states, ["queued", "queued"]);
  await server.ask("/api/deliveries/drop", post({ ids }));
  const again = await refuse(defaultTenant, ours.conversation);
  assert.deepEqual((await server.ask("/api/dead/discard", post({ all: { states: ["failed"], account: "bot" } }))).json, { settled: 1 });
  assert.equal((await server.store.records.delivery(defaultTenant, again as never))?.state, "dropped");
  assert.equal((await server.store.records.delivery(other, foreign as never))?.state, "failed");
  const audit = (await get("/api/audit?limit=9")).json as unknown as { action: string; subject: string }[];
  assert.deepEqual(
    audit.filter(({ action }) => action.startsWith("dead-")).map(({ action, subject }) => `${action} ${subject}`),
    ["dead-discard all", "dead-retry all", `dead-retry ${ids[0]}`],
  );
});

test("ids of another tenant lead nowhere, on every route and verb (A44, A45)", async () => {
  const delivery = await enqueue(other, theirs.conversation);
  const tries: readonly (readonly [string, Ask])[] = [
    [`/api/conversations/${theirs.conversation}`, {}],
    [`/api/conversations/${theirs.conversation}/messages`, {}],
    [`/api/conversations/${theirs.conversation}/messages`, post({ text: "hello" })],
    [`/api/conversations/${theirs.conversation}/control`, put({ control: "human", version: 0 })],
    ...[theirs.event, theirs.message, delivery, "p2"].map((id) => [`/api/traces/${id}`, {}] as const),
  ];
  for (const [path, ask] of tries) {
    const answer = await server.ask(path, { cookie, ...ask });
    assert.deepEqual([answer.status, answer.json.error?.code], [404, "not-found"], path);
    assert.doesNotMatch(answer.text, /Not for you/);
  }
  for (const verdict of ["retry", "drop"]) {
    assert.deepEqual((await server.ask(`/api/deliveries/${verdict}`, post({ ids: [delivery] }))).json, []);
  }
  assert.equal((await server.store.records.delivery(other, delivery as never))?.state, "queued");
  const filtered = await get(`/api/deliveries?conversation=${theirs.conversation}`);
  assert.deepEqual(filtered.json, []);
  for (const path of ["/api/stories", "/api/conversations", "/api/deliveries"]) assert.doesNotMatch((await get(path)).text, /Not for you/);
  const token = "plg_of-the-other-tenant";
  const operator = newId("operator", 1);
  await server.store.records.addOperator(
    { id: operator, name: "Bob", role: "owner", createdAt: 1, tenant: other, passwordHash: "none" },
    { onlyFirst: true },
  );
  await server.store.records.addCredential({
    tenant: other,
    hash: hashSecret(token),
    kind: "token",
    operator,
    role: "owner",
    label: "x",
    createdAt: 1,
  });
  assert.equal((await server.ask(`/api/conversations/${theirs.conversation}`, { token })).status, 200);
  assert.equal((await server.ask(`/api/conversations/${ours.conversation}`, { token })).status, 404);
  assert.deepEqual(((await server.ask("/api/tokens", { token })).json as unknown as object[]).length, 1);
});

test("counts, findings, agents, providers and the description", async () => {
  const counts = await get("/api/counts");
  assert.equal(counts.json.conversations, 1);
  assert.equal((counts.json.load as { running: number }).running, 0);
  for (const path of ["/api/findings", "/api/agents", "/api/providers"]) assert.equal((await get(path)).status, 200, path);
  assert.equal((await get("/api/openapi.json")).json.openapi, "3.1.1");
});

test("findings say who was told; a test of notices says what became of each place, or that there is none", async () => {
  const unset = await server.ask("/api/notices/test", post(undefined));
  assert.deepEqual([unset.status, unset.json.error?.code], [409, "notices-unset"]);
  const place = { account: "ops" as AccountId, chat: "1" };
  const finding = { code: "account-refused", severity: "error", subject: "accounts.bot", message: "m", hint: "h" } as const;
  const queued = { conversation: ours.conversation, message: "ms_1" as MessageId, deliveries: [], entries: [] };
  const testers: string[] = [];
  server.gateway.notices = {
    findings: async () => [{ finding, since: 3, told: [{ ...place, at: 5 }] }],
    places: () => [place],
    soon: () => {},
    test: async (by) => {
      testers.push(by);
      return [
        { place, result: ok(queued) },
        { place: { ...place, thread: "7" }, result: fail("channel-unreachable", "it isn't connected") },
      ];
    },
  };
  assert.deepEqual((await get("/api/findings")).json, [{ ...finding, since: 3, told: [{ ...place, at: 5 }] }]);
  assert.deepEqual((await get("/api/notices")).json, [place]);
  const tested = await server.ask("/api/notices/test", post(undefined));
  const [one, other, ...more] = tested.json as unknown as { message?: string; thread?: string; fault?: { code: string } }[];
  assert.deepEqual([tested.status, one, more], [202, { ...place, message: "ms_1" }, []]);
  assert.deepEqual([other?.thread, other?.fault?.code], ["7", "channel-unreachable"]);
  assert.match(testers.join(), /^op_\w+$/);
});

test("ready as long as the store takes writes and the gateway isn't stopping; alive in any case", async () => {
  assert.deepEqual([(await server.ask("/readyz")).status, (await server.ask("/livez")).status], [200, 200]);
  server.gateway.draining = true;
  const stopping = await server.ask("/readyz");
  assert.deepEqual([stopping.status, stopping.json.error?.code, stopping.headers["retry-after"]], [503, "draining", "5"]);
  assert.equal(stopping.headers.connection, "close");
  assert.equal((await server.ask("/livez")).status, 200);
  // Its accounts may be gone already: a platform is told to come back, not that there is nobody.
  assert.equal((await server.ask("/hooks/nobody", post({}))).status, 503);
  server.gateway.draining = false;
});

test("metrics need a login or a token, and tell no content", async () => {
  assert.equal((await server.ask("/metrics")).status, 401);
  const { text, headers } = await get("/metrics");
  assert.match(String(headers["content-type"]), /^text\/plain; version=0\.0\.4/);
  assert.match(text, /^message_queue_length\{queue="inbox"\} \d+$/m);
  assert.match(text, /^polylogue_http_requests_total\{area="api",status="200"\} \d+$/m);
  assert.doesNotMatch(text, /Hello|Eve|9007199254740993/);
});
