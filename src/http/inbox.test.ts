import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Ask, startTestServer, type TestServer } from "../../test/http-server.ts";
import type { PlatformEvent } from "../core/event.ts";
import { type AccountId, type ConversationId, defaultTenant, type OperatorId, type TenantId } from "../core/ids.ts";
import { type LiveEvent, liveTypes } from "../core/live.ts";
import type { Role } from "../core/records.ts";

let server: TestServer;
let cookie = "";
const events: LiveEvent[] = [];
const conversations: ConversationId[] = [];

before(async () => {
  server = await startTestServer();
  cookie = await server.setup();
  server.live.subscribe(defaultTenant, liveTypes, (event) => events.push(event));
  for (const n of [1, 2, 3, 4]) conversations.push(await receive(n, n % 2 ? "The blue parcel is late" : "Hello <b>there</b>"));
  await receive(9, "blue, but of others", "other" as TenantId);
  while (await server.store.indexMessages());
});
after(() => server[Symbol.asyncDispose]());

async function receive(n: number, text: string, tenant = defaultTenant): Promise<ConversationId> {
  const event: PlatformEvent = {
    ...{ kind: "message", key: `k${n}-${text}`, platformId: `p${n}`, at: 1, addressed: true },
    chat: { id: `chat-${n}`, kind: "group", title: `Group ${n} 100%` },
    sender: { id: `u${n}`, name: `Ada ${n}`, bot: false, self: false },
    parts: [{ type: "text", text, markup: "plain" }],
  };
  const account = (n > 2 ? "desk" : "bot") as AccountId;
  const [received] = await server.store.receive({ tenant, account, channel: "toy", at: 5_000 + n, events: [event] });
  assert.ok(received);
  return received.conversation;
}

const get = (path: string) => server.ask(path, { cookie });
const post = (body?: unknown): Ask => ({ method: "POST", cookie, ...(body !== undefined && { body }) });
const ids = async (query: string) =>
  ((await get(`/api/conversations?${query}`)).json as unknown as { id: ConversationId }[]).map(({ id }) => conversations.indexOf(id) + 1);

async function tokenOf(role: Role): Promise<string> {
  const made = await server.ask("/api/tokens", post({ label: role, role }));
  return made.json.token as string;
}

describe("search", () => {
  test("answers with what was found as ranges, never as markup, and only what is the tenant's", async () => {
    const answer = (await get("/api/search?q=blue+-hello&limit=1")).json as unknown as {
      hits: { conversation: string; snippet: string; marks: object[]; cursor: number }[];
      next: number;
      behind: boolean;
    };
    assert.deepEqual([answer.hits[0]?.snippet, answer.hits[0]?.marks], ["The blue parcel is late", [{ from: 4, to: 8 }]]);
    assert.equal(answer.behind, false);
    const rest = (await get(`/api/search?q=blue&before=${answer.next}`)).json as unknown as typeof answer;
    assert.deepEqual(
      rest.hits.map(({ conversation }) => conversation),
      [conversations[0]],
    );
    assert.equal(rest.next, undefined);
    assert.equal(((await get("/api/search?q=blue&account=bot")).json as unknown as typeof answer).hits.length, 1);
    assert.equal(((await get("/api/search?sender=ada+4")).json as unknown as typeof answer).hits.length, 1);
  });

  test("never errs for what is asked", async () => {
    for (const q of ["", '"', "-", "a AND OR", "*", "((", "\u0000", "x".repeat(300), "💥", '"a" OR 1=1; --']) {
      const response = await get(`/api/search?q=${encodeURIComponent(q)}`);
      assert.equal(response.status, 200, q);
    }
    assert.equal((await get(`/api/search?q=${"x".repeat(301)}`)).status, 400);
    assert.equal((await get("/api/search?q=a&from=yesterday")).status, 400);
    assert.equal((await server.ask("/api/search?q=a")).status, 401);
  });
});

test("messages that came in are found with what became of each", async () => {
  const found = async (query: string) =>
    ((await get(`/api/traces?${query}`)).json as unknown as { found: { story: { state: string }; snippet: string }[] }).found;
  assert.deepEqual(
    (await found("q=parcel&sender=ada+3")).map(({ story, snippet }) => [story.state, snippet]),
    [["queued", "The blue parcel is late"]],
  );
  assert.equal((await found("")).length, 4, "all, newest first");
  assert.equal((await found("from=5003&to=5003")).length, 1);
  assert.equal((await found("q=%22")).length, 0);
});

describe("conversations", () => {
  test("are found by account, state, name and what hasn't been seen", async () => {
    assert.deepEqual(await ids(""), [4, 3, 2, 1]);
    assert.deepEqual(await ids("account=bot"), [2, 1]);
    assert.deepEqual(await ids("channel=none"), []);
    assert.deepEqual(await ids("q=group+3"), [3]);
    assert.deepEqual(await ids("q=100%25&limit=1"), [4], "a sign of the query language is a letter");
    assert.deepEqual(await ids("q=o%25%25"), []);
    assert.deepEqual(await ids("q=ada"), [4, 3, 2, 1], "by who wrote there");
    assert.deepEqual(await ids("unread=true"), [4, 3, 2, 1]);
    assert.equal((await get("/api/conversations?state=odd")).status, 400);

    await server.ask(`/api/conversations/${conversations[1]}/take`, post({}));
    await server.store.records.setControl(defaultTenant, conversations[2] as ConversationId, "human", 1, "cli", 7);
    await server.store.records.setControl(defaultTenant, conversations[3] as ConversationId, "paused", 1, "cli", 8);
    assert.deepEqual(await ids("state=human"), [3, 2]);
    assert.deepEqual(await ids("state=waiting"), [3]);
    assert.deepEqual(await ids("state=mine"), [2]);
    assert.deepEqual(await ids("state=paused"), [4]);
    assert.deepEqual(await ids("state=agent"), [1]);
    assert.deepEqual(await ids("sort=waiting"), [3, 2], "who waits the longest first");
    const [first] = (await get("/api/conversations?sort=waiting&limit=1")).json as unknown as { cursor: number }[];
    assert.deepEqual(await ids(`sort=waiting&before=${first?.cursor}`), [2]);
  });

  test("are seen by one operator in all his windows, and by nobody else", async () => {
    events.length = 0;
    const read = `/api/conversations/${conversations[0]}/read`;
    assert.equal((await server.ask(read, post())).status, 200);
    assert.deepEqual(
      events.map((event) => event.type === "read" && event.conversation),
      [conversations[0]],
    );
    await server.ask(read, post());
    assert.equal(events.length, 1, "nothing new was seen");
    assert.deepEqual(await ids("unread=true"), [4, 3, 2]);
    const nobody = await server.store.records.conversations(defaultTenant, { limit: 9, reader: "op_b" as OperatorId, unread: true });
    assert.equal(nobody.length, 4);
    await receive(1, "and again");
    assert.deepEqual(await ids("unread=true"), [1, 4, 3, 2]);

    await server.ask("/api/conversations/read", post());
    assert.deepEqual(await ids("unread=true"), []);
    const counts = { all: 4, unread: 0, human: 2, waiting: 1, mine: 1, paused: 1, trouble: 0 };
    assert.deepEqual((await get("/api/conversations/counts")).json, counts);
    await receive(3, "blue once more");
    await receive(3, "and twice");
    assert.deepEqual(await ids("unread=true&q=group"), [3]);
    const rows = (await get("/api/conversations")).json as unknown as { unread: boolean; unreadCount: number }[];
    assert.deepEqual(
      rows.map(({ unread, unreadCount }) => [unread, unreadCount]),
      [
        [true, 2],
        [false, 0],
        [false, 0],
        [false, 0],
      ],
    );
  });
});

test("who looks or writes is told to the others for a while, and the chat sees a sign where people speak", async () => {
  const path = (n: number) => `/api/conversations/${conversations[n - 1]}/presence`;
  events.length = 0;
  assert.equal((await server.ask(path(2), post({ doing: "viewing" }))).status, 200);
  assert.equal((await server.ask(path(2), post({ doing: "viewing" }))).status, 200);
  assert.equal((await server.ask(path(2), post({ doing: "typing" }))).status, 200);
  const told = events.flatMap((event) => (event.type === "presence" ? [event.present.map(({ name, doing }) => `${name} ${doing}`)] : []));
  assert.deepEqual(told, [["Ada viewing"], ["Ada typing"]]);
  assert.deepEqual(server.typing, [["bot", "chat-2"]]);
  await server.ask(path(1), post({ doing: "typing" }));
  assert.equal(server.typing.length, 1, "an agent speaks there");
  const [now] = (await get("/api/presence")).json as unknown as { conversation: string }[];
  assert.equal(now?.conversation, conversations[1]);
  await server.ask(path(2), post({ doing: "gone" }));
  await server.ask(path(1), post({ doing: "gone" }));
  assert.deepEqual((await get("/api/presence")).json, []);
  const viewer = { method: "POST", token: await tokenOf("viewer") } as const;
  assert.equal((await server.ask(path(1), { ...viewer, body: { doing: "typing" } })).status, 403);
  assert.equal((await server.ask(path(1), { ...viewer, body: { doing: "viewing" } })).status, 200);
  assert.equal((await server.ask("/api/conversations/cv_none/presence", post({ doing: "viewing" }))).status, 404);
});

test("canned replies are added, replaced and taken away, and say which variables nothing stands for", async () => {
  const put = (name: string, text: unknown) =>
    server.ask(`/api/replies/${encodeURIComponent(name)}`, { method: "PUT", cookie, body: { text } });
  const made = (await put("Late parcel", "Hello {{customer.name}}, {{order}} is late. {{ operator.name }}")).json as unknown;
  assert.deepEqual((made as { unknown: string[] }).unknown, ["{{order}}"]);
  await put("Late parcel", "Sorry, {{customer.name}}");
  assert.deepEqual(
    ((await get("/api/replies")).json as unknown as { name: string; text: string }[]).map(({ name, text }) => [name, text]),
    [["Late parcel", "Sorry, {{customer.name}}"]],
  );
  assert.equal((await put("../x", "a")).status, 400);
  assert.equal((await put("a", "  ")).status, 400);
  const token = await tokenOf("viewer");
  assert.equal((await server.ask("/api/replies/a", { method: "PUT", token, body: { text: "a" } })).status, 403);
  const remove: Ask = { method: "DELETE", cookie };
  assert.equal((await server.ask("/api/replies/Late%20parcel", remove)).status, 200);
  assert.equal((await server.ask("/api/replies/Late%20parcel", remove)).status, 404);
  const log = (await get("/api/audit")).json as unknown as { action: string }[];
  assert.deepEqual(
    log.map(({ action }) => action).filter((action) => action.startsWith("reply-")),
    ["reply-remove", "reply-change", "reply-add"],
  );
});
