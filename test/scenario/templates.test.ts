import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type GatewayProcess, setupToken, startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { startWhatsAppSimulator } from "../simulators/whatsapp.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const hour = 3_600_000;
const person = "16505550001";
const chat = `US.${person}`;

interface Dead {
  readonly id: string;
  readonly error: { readonly code: string; readonly message: string };
}

/**
 * The real gateway, its API and its command before the Cloud API, with somebody who wrote more than 24 hours ago: nothing is asked of
 * WhatsApp that it would refuse, over a kill too, and what the account has a template for arrives.
 */
test("WhatsApp's 24 hours: answers, operators, templates", { timeout: 120_000 }, async (t) => {
  await using home = await temporaryHome();
  const whatsapp = await startWhatsAppSimulator();
  t.after(() => whatsapp.close());
  const { accessToken, appSecret, verifyToken, phoneNumberId, businessAccountId, url: apiRoot } = whatsapp;
  let gateway: GatewayProcess | undefined;
  t.after(() => gateway?.kill());
  const start = async (templates: object) => {
    const shop = { channel: "whatsapp", accessToken, appSecret, verifyToken, phoneNumberId, businessAccountId, apiRoot, templates };
    const configuration = {
      accounts: { shop, web: { channel: "webchat", access: { direct: "open" } } },
      providers: { demo: { kind: "demo", delayMs: 0 } },
      agents: { main: { instructions: "", models: ["demo/demo"] } },
      routes: [{ agent: "main" }],
    };
    gateway = await startGatewayProcess({ home: home.path, configuration });
    whatsapp.requestUrl = `${gateway.url}/hooks/shop`;
    return gateway.url;
  };
  const cli = (...words: string[]) => {
    const env = { PATH: process.env.PATH, HOME: home.path, POLYLOGUE_HOME: home.path };
    const { promise, resolve } = Promise.withResolvers<{ exit: number; json: Record<string, never> }>();
    execFile(process.execPath, [main, "--json", ...words], { env }, (error, out) => {
      resolve({ exit: Number(error?.code ?? 0), json: JSON.parse(out) as Record<string, never> });
    });
    return promise;
  };
  const until = async <Value>(look: () => Promise<Value | undefined> | Value | undefined): Promise<Value> => {
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      await wait(20);
    }
  };
  const arrived = (part: string) => until(() => whatsapp.seen(chat).find((one) => one.includes(part)));

  let url = await start({});
  const post = (path: string, body: object, cookie = "") =>
    fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: url, cookie },
      body: JSON.stringify(body),
    });
  const owner = await post("/api/setup", { token: setupToken, name: "Ada", password: "correct horse battery staple" });
  const cookie = owner.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const get = async (path: string) => (await (await fetch(`${url}${path}`, { headers: { cookie } })).json()) as never;
  const sends = () => whatsapp.calls.filter((call) => call.endsWith("/messages")).length;

  whatsapp.say(person, "say word-1", undefined, 25 * hour);
  const [dead] = await until(async () => {
    const found = (await get("/api/dead")) as Dead[];
    return found.length > 0 ? found : undefined;
  });
  assert.equal(dead?.error.code, "window-closed");
  assert.match(dead?.error.message ?? "", /wrote last at .* templates\.answer isn't set/);
  const [conversation] = (await get("/api/conversations")) as { id: string }[];
  const written = await post(`/api/conversations/${conversation?.id}/messages`, { text: "are you there?" }, cookie);
  assert.equal(written.status, 202);
  await until(async () => (((await get("/api/dead")) as Dead[]).length === 2 ? true : undefined));
  assert.equal(sends(), 0, "WhatsApp was asked for what it refuses");

  const to = ["--account", "shop", "--chat", chat];
  const order = ["--template", "order_update", "--language", "en_US"];
  assert.equal((await cli("send", ...to, ...order, "--parameter", "Ann", "--parameter", "4711")).exit, 0);
  assert.match(await arrived("order_update"), /"Ann".*"4711"/);
  const template = { name: "by_name", language: "en_US", parameters: { first_name: "Bob" } };
  assert.equal((await post(`/api/conversations/${conversation?.id}/messages`, { template }, cookie)).status, 202);
  await arrived("Bob");
  const [said] = (await get(`/api/conversations/${conversation?.id}/messages?limit=1`)) as { parts: object[] }[];
  assert.deepEqual(said?.parts, [{ type: "template", ...template }]);

  for (const [words, code] of [
    [[...to, ...order, "--parameter", "two\nlines"], "template-refused"],
    [["--account", "web", "--chat", "1", ...order], "template-refused"],
    [[...to, ...order, "and a text"], "usage"],
    [[...to, "--language", "en_US", "a text"], "usage"],
  ] as const) {
    const refused = await cli("send", ...words);
    assert.notEqual(refused.exit, 0);
    assert.equal((refused.json.error as { code: string } | undefined)?.code, code);
  }
  const listed = (await get("/api/accounts/shop/templates")) as { name: string; status: string }[];
  assert.deepEqual(
    listed.map(({ name }) => name),
    whatsapp.templates.map(({ name }) => name),
  );
  assert.deepEqual((await cli("channels", "templates", "shop")).json.templates, listed);
  assert.equal((await fetch(`${url}/api/accounts/web/templates`, { headers: { cookie } })).status, 422);

  await gateway?.kill();
  const before = sends();
  url = await start({ answer: { name: "news", language: "en_US" } });
  const again = await post("/api/dead/retry", { ids: [dead?.id] }, cookie);
  assert.equal(again.status, 200, await again.text());
  assert.match(await arrived("news"), /word-1/);
  assert.equal(sends(), before + 1);

  whatsapp.say(person, "say word-2");
  await arrived("word-2");
  assert.equal(whatsapp.sent.at(-1)?.json.type, "text", "they wrote: it goes as it is");
  assert.equal(await gateway?.stop(), 0);
  assert.deepEqual(whatsapp.violations, []);
});
