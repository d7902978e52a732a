import assert from "node:assert/strict";
import { test } from "node:test";
import { createHandClock } from "../../test/clock.ts";
import { type Ask, cookieOf, owner, startTestServer, type TestServer } from "../../test/http-server.ts";

const post = (body: unknown, more: Ask = {}): Ask => ({ method: "POST", body, ...more });
const put = (body: unknown, more: Ask = {}): Ask => ({ method: "PUT", body, ...more });
const remove = (more: Ask = {}): Ask => ({ method: "DELETE", ...more });
const password = "a long enough password";

interface Row {
  readonly id: string;
  readonly name: string;
  readonly role: string;
}

async function setUp(server: TestServer): Promise<{ readonly cookie: string }> {
  return { cookie: cookieOf(await server.ask("/api/setup", post({ token: server.setupToken, ...owner }))) };
}

/** Invites somebody and lets them join. */
async function join(server: TestServer, by: Ask, name: string, role: string): Promise<{ readonly cookie: string; readonly id: string }> {
  const link = await server.ask("/api/invitations", post({ label: name, role }, by));
  assert.equal(link.status, 201, JSON.stringify(link.json));
  const joined = await server.ask("/api/join", post({ token: link.json.secret, name, password }));
  assert.equal(joined.status, 201, JSON.stringify(joined.json));
  return { cookie: cookieOf(joined), id: (joined.json.operator as Row).id };
}

const operators = async (server: TestServer, by: Ask) => (await server.ask("/api/operators", by)).json as unknown as readonly Row[];
const code = async (answer: ReturnType<TestServer["ask"]>) => (await answer).json.error?.code ?? (await answer).status;

test("an invitation makes one operator of its role, once, in its time", async () => {
  const clock = createHandClock();
  await using server = await startTestServer({ clock });
  const ada = await setUp(server);
  clock.jump(1000);
  const link = await server.ask("/api/invitations", post({ label: "Grace of support", role: "operator", days: 2 }, ada));
  assert.deepEqual([link.json.role, link.json.label], ["operator", "Grace of support"]);
  const listed = (await server.ask("/api/invitations", ada)).json as unknown as readonly Record<string, unknown>[];
  assert.equal(listed.length, 1);
  assert.ok(!JSON.stringify(listed).includes(String(link.json.secret)), "its secret is shown once");
  const grace = { token: link.json.secret, name: "Grace", password };
  assert.equal(await code(server.ask("/api/join", post({ ...grace, name: owner.name }))), "name-taken");
  assert.equal(await code(server.ask("/api/join", post({ ...grace, password: "short" }))), "request-invalid");
  assert.equal((await server.ask("/api/join", post(grace))).status, 201, "what was refused didn't use the link up");
  assert.equal(await code(server.ask("/api/join", post({ ...grace, name: "Eve" }))), "invitation-refused");
  assert.deepEqual(
    (await operators(server, ada)).map(({ name, role }) => [name, role]),
    [
      ["Ada", "owner"],
      ["Grace", "operator"],
    ],
  );
  const late = await server.ask("/api/invitations", post({ label: "late", role: "viewer", days: 1 }, ada));
  clock.jump(86_400_001);
  assert.equal(await code(server.ask("/api/join", post({ token: late.json.secret, name: "Late", password }))), "invitation-refused");
  const gone = await server.ask("/api/invitations", post({ label: "gone", role: "viewer" }, ada));
  assert.equal((await server.ask(`/api/invitations/${gone.json.id}`, remove(ada))).status, 200);
  assert.equal(await code(server.ask("/api/join", post({ token: gone.json.secret, name: "Gone", password }))), "invitation-refused");
});

test("nobody acts above their own role, and a token neither invites nor changes roles", async () => {
  await using server = await startTestServer();
  const ada = await setUp(server);
  const [adaRow] = await operators(server, ada);
  const grace = await join(server, ada, "Grace", "admin");
  const alan = await join(server, grace, "Alan", "operator");
  assert.equal(await code(server.ask("/api/invitations", post({ label: "x", role: "owner" }, grace))), "role-too-low");
  assert.equal(await code(server.ask(`/api/operators/${adaRow?.id}`, put({ role: "viewer" }, grace))), "role-too-low");
  assert.equal(await code(server.ask(`/api/operators/${adaRow?.id}`, remove(grace))), "role-too-low");
  assert.equal(await code(server.ask(`/api/operators/${adaRow?.id}/reset`, post({}, grace))), "role-too-low");
  assert.equal(await code(server.ask(`/api/operators/${alan.id}`, put({ role: "owner" }, grace))), "role-too-low");
  for (const path of ["/api/operators", "/api/invitations"]) assert.equal(await code(server.ask(path, alan)), "role-too-low");
  const { token } = (await server.ask("/api/tokens", post({ label: "ci" }, ada))).json;
  const machine = { headers: { authorization: `Bearer ${token}` } };
  assert.equal(await code(server.ask("/api/invitations", post({ label: "x", role: "viewer" }, machine))), "role-too-low");
  assert.equal(await code(server.ask(`/api/operators/${alan.id}`, put({ role: "viewer" }, machine))), "role-too-low");
  assert.equal(await code(server.ask("/api/operators/op_nobody", put({ role: "viewer" }, ada))), "not-found");
});

test("a role counts at once in logins that there are; the last owner stays", async () => {
  await using server = await startTestServer();
  const ada = await setUp(server);
  const grace = await join(server, ada, "Grace", "viewer");
  assert.equal((await server.ask("/api/me", grace)).json.role, "viewer");
  assert.equal((await server.ask(`/api/operators/${grace.id}`, put({ role: "admin" }, ada))).json.role, "admin");
  assert.equal((await server.ask("/api/me", grace)).json.role, "admin");
  assert.equal((await server.ask("/api/operators", grace)).status, 200);
  assert.equal((await server.ask(`/api/operators/${grace.id}`, put({ role: "viewer" }, ada))).status, 200);
  assert.equal(await code(server.ask("/api/operators", grace)), "role-too-low");
  const [adaRow] = await operators(server, ada);
  assert.equal(await code(server.ask(`/api/operators/${adaRow?.id}`, put({ role: "admin" }, ada))), "last-owner");
  assert.equal(await code(server.ask(`/api/operators/${adaRow?.id}`, remove(ada))), "last-owner");
  assert.equal((await server.ask("/api/me", ada)).json.role, "owner");
});

test("who is removed is out at once, and what they did keeps their name", async () => {
  await using server = await startTestServer();
  const ada = await setUp(server);
  const grace = await join(server, ada, "Grace", "admin");
  const { token } = (await server.ask("/api/tokens", post({ label: "hers" }, grace))).json;
  const invitation = await server.ask("/api/invitations", post({ label: "hers too", role: "viewer" }, grace));
  assert.equal((await server.ask(`/api/operators/${grace.id}`, remove(ada))).status, 200);
  assert.equal(await code(server.ask("/api/me", grace)), "login-required");
  assert.equal(await code(server.ask("/api/me", { headers: { authorization: `Bearer ${token}` } })), "login-required");
  assert.equal(await code(server.ask("/api/join", post({ token: invitation.json.secret, name: "Eve", password }))), "invitation-refused");
  assert.equal(await code(server.ask("/api/login", post({ name: "Grace", password }))), "login-refused");
  const hers = (await server.ask(`/api/audit?actor=${grace.id}`, ada)).json as unknown as readonly Record<string, unknown>[];
  assert.ok(hers.length >= 3);
  assert.deepEqual(new Set(hers.map(({ name }) => name)), new Set(["Grace"]));
  const removals = (await server.ask("/api/audit?action=operator-remove", ada)).json as unknown as readonly Record<string, unknown>[];
  assert.deepEqual(
    removals.map(({ subject, detail }) => [subject, detail]),
    [[grace.id, { name: "Grace", role: "admin" }]],
  );
  await join(server, ada, "Grace", "viewer");
});

test("under a link an operator chooses a new password: the old one, old logins and older links are void", async () => {
  await using server = await startTestServer();
  const ada = await setUp(server);
  const grace = await join(server, ada, "Grace", "operator");
  const first = await server.ask(`/api/operators/${grace.id}/reset`, post({}, ada));
  const second = await server.ask(`/api/operators/${grace.id}/reset`, post({}, ada));
  const next = "another long password";
  assert.equal(await code(server.ask("/api/reset", post({ token: first.json.secret, password: next }))), "invitation-refused");
  assert.equal((await server.ask("/api/me", grace)).status, 200, "a link alone changes nothing");
  const reset = await server.ask("/api/reset", post({ token: second.json.secret, password: next }));
  assert.equal(reset.status, 200);
  assert.equal(await code(server.ask("/api/me", grace)), "login-required");
  assert.equal((await server.ask("/api/me", { cookie: cookieOf(reset) })).status, 200);
  assert.equal(await code(server.ask("/api/login", post({ name: "Grace", password }))), "login-refused");
  assert.equal((await server.ask("/api/login", post({ name: "Grace", password: next }))).status, 200);
  assert.equal(await code(server.ask("/api/reset", post({ token: second.json.secret, password: next }))), "invitation-refused");
});

test("logins are listed without their secret, and can be ended: own ones by everybody, all by admins", async () => {
  await using server = await startTestServer();
  const ada = await setUp(server);
  const grace = await join(server, ada, "Grace", "operator");
  const other = cookieOf(await server.ask("/api/login", post({ name: "Grace", password }, { headers: { "user-agent": "phone" } })));
  const list = async (by: Ask) => (await server.ask("/api/logins", by)).json as unknown as readonly Record<string, unknown>[];
  const hers = await list(grace);
  assert.deepEqual(hers.map(({ label, current }) => [label, current]).toSorted(), [
    ["browser", true],
    ["phone", false],
  ]);
  assert.equal((await list(ada)).length, 3);
  const [own] = (await list(ada)).filter(({ current }) => current);
  assert.equal(await code(server.ask(`/api/logins/${own?.id}`, remove(grace))), "not-found", "another's isn't there");
  const phone = hers.find(({ current }) => !current);
  assert.equal((await server.ask(`/api/logins/${phone?.id}`, remove(grace))).status, 200);
  assert.equal(await code(server.ask("/api/me", { cookie: other })), "login-required");
  const [first] = hers.filter(({ current }) => current);
  assert.equal((await server.ask(`/api/logins/${first?.id}`, remove(ada))).status, 200);
  assert.equal(await code(server.ask("/api/me", grace)), "login-required");
});

test("guessing at links is slowed down", async () => {
  await using server = await startTestServer();
  await setUp(server);
  for (const path of ["/api/join", "/api/reset"]) {
    const body = path === "/api/join" ? { token: "guess", name: "Eve", password } : { token: "guess", password };
    const codes = [];
    for (let i = 0; i < 7; i += 1) codes.push(await code(server.ask(path, post(body))));
    assert.deepEqual([...new Set(codes)], ["invitation-refused", "too-many-attempts"], path);
  }
});
