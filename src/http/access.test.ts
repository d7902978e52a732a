import assert from "node:assert/strict";
import { test } from "node:test";
import { createHandClock } from "../../test/clock.ts";
import { type Ask, cookieOf, owner, startTestServer, type TestServer } from "../../test/http-server.ts";
import { loginAbsoluteMs, loginIdleMs } from "../access/access.ts";
import { Passwords } from "../access/password.ts";
import { hashSecret } from "../access/secrets.ts";
import { defaultTenant, newId, type TenantId } from "../core/ids.ts";
import type { Role } from "../core/records.ts";
import { contract } from "./contract.ts";
import type { Endpoint } from "./endpoint.ts";

const post = (body: unknown, more: Ask = {}): Ask => ({ method: "POST", body, ...more });

/** A token of a role, made without going through the API. */
async function tokenOf({ store }: TestServer, role: Role, tenant: TenantId = defaultTenant): Promise<string> {
  const token = `plg_${role}${Math.random()}`.replace(".", "");
  const operator = newId("operator", Date.now());
  await store.records.addOperator({ id: operator, name: operator, role, createdAt: 1, tenant, passwordHash: "none" }, { onlyFirst: false });
  await store.records.addCredential({ tenant, hash: hashSecret(token), kind: "token", operator, role, label: role, createdAt: 1 });
  return token;
}

test("the first visitor with the setup token becomes the owner, and is signed in", async () => {
  await using server = await startTestServer();
  assert.deepEqual((await server.ask("/api/status")).json, { version: "1.2.3", needsSetup: true });
  const made = await server.ask("/api/setup", post({ token: server.setupToken, ...owner }));
  assert.equal(made.status, 201);
  assert.match(String(made.headers["set-cookie"]), /^polylogue=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/);
  const me = await server.ask("/api/me", { cookie: cookieOf(made) });
  assert.equal(me.status, 200);
  assert.deepEqual([(me.json.operator as { name: string }).name, me.json.role, me.json.via], ["Ada", "owner", "login"]);
  assert.deepEqual((await server.ask("/api/status")).json, { version: "1.2.3", needsSetup: false });
  assert.equal((await server.ask("/api/setup", post({ token: server.setupToken, ...owner }))).json.error?.code, "setup-refused");
  assert.equal(await server.access.prepareSetup(), undefined, "the next start makes no setup token");
});

test("of many visitors at once with the setup token exactly one becomes the owner (A42)", async () => {
  await using server = await startTestServer();
  const visitors = Array.from({ length: 5 }, (_, i) =>
    server.ask("/api/setup", post({ token: server.setupToken, name: `v${i}`, password: owner.password })),
  );
  const answers = await Promise.all(visitors);
  assert.deepEqual(answers.map(({ status }) => status).toSorted(), [201, 403, 403, 403, 403]);
  assert.equal((await server.store.records.operators(defaultTenant)).length, 1);
});

test("a wrong, old or empty setup token makes nobody the owner; a new start voids the old one", async () => {
  await using server = await startTestServer();
  const next = await server.access.prepareSetup();
  assert.notEqual(next, server.setupToken);
  for (const token of [server.setupToken, "wrong", `${next}x`]) {
    assert.equal((await server.ask("/api/setup", post({ token, ...owner }))).status, 403, token);
  }
  assert.equal((await server.ask("/api/setup", post({ token: "", ...owner }))).status, 400);
  assert.equal(await server.access.needsSetup(), true);
  assert.equal((await server.ask("/api/setup", post({ token: next, ...owner }))).status, 201);
});

test("a setup token that was given stays valid over starts", async () => {
  await using server = await startTestServer();
  assert.equal(await server.access.prepareSetup("given-by-the-operator"), "given-by-the-operator");
  assert.equal(await server.access.prepareSetup("given-by-the-operator"), "given-by-the-operator");
  assert.equal((await server.ask("/api/setup", post({ token: "given-by-the-operator", ...owner }))).status, 201);
});

test("guessing setup tokens is throttled, the right one too then", async () => {
  await using server = await startTestServer();
  for (let i = 0; i < 5; i++) await server.ask("/api/setup", post({ token: `guess ${i}`, ...owner }));
  const refused = await server.ask("/api/setup", post({ token: server.setupToken, ...owner }));
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.headers["retry-after"]) > 0);
});

test("a weak password is refused by name, and the token stays good", async () => {
  await using server = await startTestServer();
  const weak = await server.ask("/api/setup", post({ token: server.setupToken, name: "Ada", password: "short" }));
  assert.deepEqual([weak.status, weak.json.error?.code], [400, "request-invalid"]);
  assert.match(weak.json.error?.message ?? "", /password: 12 characters/);
  assert.equal((await server.ask("/api/setup", post({ token: server.setupToken, ...owner }))).status, 201);
});

test("names and labels are one visible line", async () => {
  await using server = await startTestServer();
  for (const name of ["a\nb", "a\u202eb", "a\u200bb", " ", "x".repeat(65)]) {
    assert.equal(
      (await server.ask("/api/setup", post({ token: server.setupToken, name, password: owner.password }))).status,
      400,
      JSON.stringify(name),
    );
  }
  const cookie = await server.setup();
  assert.equal((await server.ask("/api/tokens", post({ label: "a\u0007" }, { cookie }))).status, 400);
});

test("sign in, sign out: a new secret each time, dead after (A41)", async () => {
  await using server = await startTestServer();
  assert.equal((await server.ask("/api/login", post(owner))).json.error?.code, "setup-required");
  const first = await server.setup();
  const login = await server.ask("/api/login", post(owner, { cookie: first }));
  assert.equal(login.status, 200);
  const second = cookieOf(login);
  assert.notEqual(first, second);
  const out = await server.ask("/api/logout", post({}, { cookie: second }));
  assert.match(String(out.headers["set-cookie"]), /^polylogue=; .*Max-Age=0/);
  assert.equal((await server.ask("/api/me", { cookie: second })).status, 401);
  assert.equal((await server.ask("/api/me", { cookie: first })).status, 200, "another login of the same person lives on");
});

test("a cookie that the visitor brought is never taken over (A41)", async () => {
  await using server = await startTestServer();
  const planted = "polylogue=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  const made = await server.ask("/api/setup", post({ token: server.setupToken, ...owner }, { cookie: planted }));
  assert.notEqual(cookieOf(made), planted);
  assert.equal((await server.ask("/api/me", { cookie: planted })).status, 401);
});

test("a changed password ends all other logins, not tokens (A41)", async () => {
  await using server = await startTestServer();
  const here = await server.setup();
  const there = cookieOf(await server.ask("/api/login", post(owner)));
  const { token } = (await server.ask("/api/tokens", post({ label: "ci" }, { cookie: here }))).json as unknown as { token: string };
  const put = (body: unknown): Ask => ({ method: "PUT", body, cookie: here });
  assert.equal(
    (await server.ask("/api/me/password", put({ current: "wrong", next: "another good password" }))).json.error?.code,
    "login-refused",
  );
  assert.equal((await server.ask("/api/me/password", put({ current: owner.password, next: "short" }))).status, 400);
  const changed = await server.ask("/api/me/password", put({ current: owner.password, next: "another good password" }));
  assert.equal(changed.status, 200);
  const statuses = await Promise.all([
    ...[here, there, cookieOf(changed)].map((cookie) => server.ask("/api/me", { cookie })),
    server.ask("/api/me", { token }),
    server.ask("/api/login", post(owner)),
    server.ask("/api/login", post({ ...owner, password: "another good password" })),
  ]);
  assert.deepEqual(
    statuses.map(({ status }) => status),
    [401, 401, 200, 200, 401, 200],
  );
});

test("a login that was made while the clock was ahead isn't believed once it is right again; a small correction ends none", async () => {
  const clock = createHandClock();
  await using server = await startTestServer({ clock });
  const early = await server.setup();
  clock.jump(400 * 86_400_000);
  assert.equal((await server.ask("/api/me", { cookie: early })).status, 401);
  const late = cookieOf(await server.ask("/api/login", post(owner)));
  assert.equal((await server.ask("/api/me", { cookie: late })).status, 200);
  clock.jump(-3_600_000);
  assert.equal((await server.ask("/api/me", { cookie: late })).status, 200);
  clock.jump(3_600_000 - 400 * 86_400_000);
  assert.equal((await server.ask("/api/me", { cookie: late })).status, 401, "it would be valid for 400 days more");
  assert.equal((await server.ask("/api/me", { cookie: early })).status, 200);
});

test("logins end without use, and in any case after their time", async () => {
  const clock = createHandClock();
  await using server = await startTestServer({ clock });
  const idle = await server.setup();
  const used = cookieOf(await server.ask("/api/login", post(owner)));
  clock.jump(loginIdleMs - 60_000);
  assert.equal((await server.ask("/api/me", { cookie: used })).status, 200);
  clock.jump(120_000);
  assert.equal((await server.ask("/api/me", { cookie: idle })).status, 401, "not used for a week");
  assert.equal((await server.ask("/api/me", { cookie: used })).status, 200, "its end has moved");
  const until = loginAbsoluteMs - loginIdleMs - 60_000 - 120_000;
  for (let gone = 0; gone < until; gone += 86_400_000) {
    clock.jump(86_400_000);
    await server.ask("/api/me", { cookie: used });
  }
  assert.equal((await server.ask("/api/me", { cookie: used })).status, 401, "a month is over");
});

test("10,000 passwords: a handful is looked at, from loopback and with forged addresses too (A40)", async () => {
  await using server = await startTestServer();
  await server.setup();
  const codes = new Map<number, number>();
  for (let i = 0; i < 400; i++) {
    const headers = {
      "x-forwarded-for": `198.51.100.${i % 250}`,
      "x-real-ip": `203.0.113.${i % 250}`,
      forwarded: `for=192.0.2.${i % 250}`,
    };
    const { status } = await server.ask("/api/login", post({ name: "Ada", password: `guess number ${i}` }, { headers }));
    codes.set(status, (codes.get(status) ?? 0) + 1);
  }
  assert.deepEqual(
    [...codes].toSorted((a, b) => a[0] - b[0]),
    [
      [401, 5],
      [429, 395],
    ],
  );
  const right = await server.ask("/api/login", post(owner));
  assert.equal(right.status, 429, "the answer doesn't tell when a guess was right");
  assert.match(String(right.headers["retry-after"]), /^\d+$/);
  const refusals = (await server.store.records.auditLog(defaultTenant, { limit: 100 })).filter(({ action }) => action === "login-refuse");
  assert.equal(refusals.length, 5, "the audit log isn't flooded either");
});

test("many names from one place are throttled as well, and none of them is written down", async () => {
  await using server = await startTestServer();
  await server.setup();
  const statuses: number[] = [];
  for (let i = 0; i < 40; i++)
    statuses.push((await server.ask("/api/login", post({ name: `hunter2-typed-here-${i}`, password: "guess guess guess" }))).status);
  assert.deepEqual([statuses.filter((status) => status === 401).length, statuses.at(-1)], [30, 429]);
  const audit = JSON.stringify(await server.store.records.auditLog(defaultTenant, { limit: 100 }));
  assert.doesNotMatch(audit + server.lines.join(""), /hunter2/);
});

test("an unknown name and a wrong password are told apart by nothing", async () => {
  await using server = await startTestServer();
  await server.setup();
  const [one, other] = await Promise.all(
    ["Ada", "Bob"].map((name) => server.ask("/api/login", post({ name, password: "guess guess guess" }))),
  );
  const told = [one, other].map((answer) => [answer?.status, answer?.json.error?.code, answer?.json.error?.message]);
  assert.deepEqual(told[0], told[1]);
});

test("tokens: shown once, kept as a hash, of no higher role, dead when revoked or expired", async () => {
  const clock = createHandClock();
  await using server = await startTestServer({ clock });
  const cookie = await server.setup();
  const made = await server.ask("/api/tokens", post({ label: "ci", role: "operator", days: 1 }, { cookie }));
  assert.equal(made.status, 201);
  const { token, id } = made.json as unknown as { token: string; id: string };
  assert.match(token, /^plg_[\w-]{43}$/);
  const listed = await server.ask("/api/tokens", { cookie });
  assert.ok(listed.text.includes(id) && !listed.text.includes(token) && !listed.text.includes(hashSecret(token)));
  assert.equal((await server.ask("/api/me", { token })).json.role, "operator");
  assert.equal((await server.ask("/api/config", { token })).json.error?.code, "role-too-low");
  assert.equal(
    (await server.ask("/api/tokens", post({ label: "more" }, { token }))).json.error?.code,
    "role-too-low",
    "a token makes no tokens",
  );
  clock.jump(86_400_001);
  assert.equal((await server.ask("/api/me", { token })).status, 401, "expired");
  const second = (await server.ask("/api/tokens", post({ label: "two" }, { cookie }))).json as unknown as { token: string; id: string };
  assert.equal((await server.ask(`/api/tokens/${second.id}`, { method: "DELETE", cookie })).status, 200);
  assert.equal((await server.ask("/api/me", { token: second.token })).status, 401, "revoked");
  assert.equal((await server.ask(`/api/tokens/${second.id}`, { method: "DELETE", cookie })).status, 404);
});

test("a token's role is never above its operator's; others' tokens are out of reach", async () => {
  await using server = await startTestServer();
  const [viewer, operator, admin] = await Promise.all((["viewer", "operator", "admin"] as const).map((role) => tokenOf(server, role)));
  const ids = ((await server.ask("/api/tokens", { token: admin as string })).json as unknown as { id: string; role: string }[]).map(
    ({ id }) => id,
  );
  assert.equal(ids.length, 3);
  assert.equal(((await server.ask("/api/tokens", { token: viewer as string })).json as unknown as object[]).length, 1);
  for (const id of ids) {
    if (id === hashSecret(viewer as string).slice(0, 16)) continue;
    assert.equal((await server.ask(`/api/tokens/${id}`, { method: "DELETE", token: viewer as string })).status, 404);
  }
  const tokenOfAnOwner = await tokenOf(server, "owner");
  const id = hashSecret(tokenOfAnOwner).slice(0, 16);
  assert.equal((await server.ask(`/api/tokens/${id}`, { method: "DELETE", token: admin as string })).status, 403);
  assert.equal((await server.ask("/api/me", { token: operator as string })).json.role, "operator");
});

const wrong: readonly (readonly [string, Record<string, string>])[] = [
  ["nothing", {}],
  ["an empty bearer", { authorization: "Bearer " }],
  ["a made-up token", { authorization: `Bearer plg_${"A".repeat(43)}` }],
  ["another scheme", { authorization: "Basic b3duZXI6b3duZXI=" }],
  ["a JWT without signature", { authorization: "Bearer eyJhbGciOiJub25lIn0.eyJyb2xlIjoib3duZXIifQ." }],
  ["SQL", { authorization: "Bearer plg_' OR 1=1 --" }],
  ["SQL in the cookie", { cookie: "polylogue=' OR '1'='1" }],
  ["claimed roles", { "x-role": "owner", "x-operator": "op_1", "x-forwarded-user": "admin", cookie: "role=owner" }],
  ["a very long token", { authorization: `Bearer plg_${"A".repeat(8_000)}` }],
];
for (const [name, headers] of wrong) {
  test(`401 with ${name} (A37–A39)`, async () => {
    await using server = await startTestServer();
    await server.setup();
    const answer = await server.ask("/api/me", { headers });
    assert.deepEqual([answer.status, answer.json.error?.code, answer.headers["www-authenticate"]], [401, "login-required", "Bearer"]);
  });
}

test("a login's secret is no token, a token no login's secret, a setup token neither (A37)", async () => {
  await using server = await startTestServer();
  assert.equal((await server.ask("/api/me", { token: server.setupToken })).status, 401);
  assert.equal((await server.ask("/api/me", { cookie: `polylogue=${server.setupToken}` })).status, 401);
  const cookie = await server.setup();
  const { token } = (await server.ask("/api/tokens", post({ label: "ci" }, { cookie }))).json as unknown as { token: string };
  assert.equal((await server.ask("/api/me", { token: cookie.slice("polylogue=".length) })).status, 401);
  assert.equal((await server.ask("/api/me", { cookie: `polylogue=${token}` })).status, 401);
  assert.equal((await server.ask("/api/me", { cookie, token: "plg_wrong" })).status, 401, "a wrong token isn't saved by a good cookie");
});

test("a credential of another kind is no token, whatever its text looks like (A37)", async () => {
  await using server = await startTestServer();
  for (const kind of ["setup", "login"] as const) {
    const secret = `plg_${kind}`;
    await tokenOf(server, "owner");
    const [operator] = await server.store.records.operators(defaultTenant);
    assert.ok(operator);
    await server.store.records.addCredential({
      tenant: defaultTenant,
      hash: hashSecret(secret),
      kind,
      operator: operator.id,
      role: "owner",
      label: kind,
      createdAt: 1,
    });
    assert.equal((await server.ask("/api/me", { token: secret })).status, 401, kind);
  }
});

test("nobody makes a token of a role above his own (A38, A46)", async () => {
  await using server = await startTestServer();
  await server.setup();
  const hashed = await new Passwords({ memory: 64, passes: 1, parallelism: 1 }).hash(owner.password);
  assert.ok(hashed.ok);
  const operator = {
    id: newId("operator", 1),
    name: "Bob",
    role: "operator",
    createdAt: 1,
    tenant: defaultTenant,
    passwordHash: hashed.value,
  } as const;
  await server.store.records.addOperator(operator, { onlyFirst: false });
  const cookie = cookieOf(await server.ask("/api/login", post({ name: "Bob", password: owner.password })));
  for (const role of ["admin", "owner"]) {
    assert.equal((await server.ask("/api/tokens", post({ label: "x", role }, { cookie }))).json.error?.code, "role-too-low");
  }
  const made = await server.ask("/api/tokens", post({ label: "x" }, { cookie }));
  assert.deepEqual([made.status, made.json.role], [201, "operator"]);
});

test("without a login every route but the public ones answers 401, whatever the method (A43)", async () => {
  await using server = await startTestServer();
  await server.setup();
  const open = new Set(
    Object.values<Endpoint>(contract)
      .filter(({ role }) => role === "public")
      .map(({ path }) => path as string),
  );
  const paths = new Set(Object.values<Endpoint>(contract).map(({ path }) => path as string));
  let tried = 0;
  for (const path of [...paths, "/api", "/api/", "/api/nothing", "/api/accounts/x/nothing", "/metrics"]) {
    for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
      if (open.has(path)) continue;
      const answer = await server.ask(path.replaceAll(/\{\w+\}/g, "x"), { method, headers: { "content-type": "application/json" } });
      const changes = path === "/metrics" && method !== "GET" && method !== "HEAD";
      assert.equal(answer.status, changes ? 405 : 401, `${method} ${path}`);
      tried++;
    }
  }
  assert.ok(tried > 200);
});

test("each role may what the table says, and no more (A38)", async () => {
  await using server = await startTestServer();
  const roles: readonly Role[] = ["viewer", "operator", "admin", "owner"];
  for (const [rank, role] of roles.entries()) {
    const token = await tokenOf(server, role);
    for (const [name, declared] of Object.entries<Endpoint>(contract)) {
      if (declared.role === "public" || name === "events" || name === "logout") continue;
      const path = declared.path.replaceAll(/\{\w+\}/g, "x");
      const answer = await server.ask(path, { method: declared.method.toUpperCase(), token, ...(declared.body ? { body: {} } : {}) });
      const may = rank >= roles.indexOf(declared.role) && !declared.loginOnly;
      assert.equal(answer.json.error?.code === "role-too-low", !may, `${role} ${name}: ${answer.status} ${answer.text.slice(0, 100)}`);
      assert.notEqual(answer.status, 500, name);
    }
  }
});

test("the audit log holds who did what, without secrets, and its chain is whole", async () => {
  await using server = await startTestServer();
  const cookie = await server.setup();
  await server.ask("/api/login", post({ ...owner, password: "wrong wrong wrong" }));
  await server.ask("/api/login", post(owner));
  const { token } = (await server.ask("/api/tokens", post({ label: "ci" }, { cookie }))).json as unknown as { token: string };
  const log = await server.ask("/api/audit", { token });
  const actions = (log.json as unknown as { action: string }[]).map(({ action }) => action);
  for (const action of ["owner-add", "login-refuse", "login-add", "token-make"]) assert.ok(actions.includes(action), action);
  for (const secret of [owner.password, token, server.setupToken, cookie.slice(10)]) assert.ok(!log.text.includes(secret));
  assert.deepEqual((await server.ask("/api/audit/verify", { token })).json, { entries: actions.length });
  for (const line of server.lines) for (const secret of [owner.password, token, server.setupToken]) assert.ok(!line.includes(secret));
});
