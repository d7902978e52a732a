import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { defaultTenant } from "../../src/core/ids.ts";
import { storeFile } from "../../src/places.ts";
import { openSqliteStore } from "../../src/stores/sqlite.ts";
import { type GatewayProcess, setupToken, startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { startModelSimulator } from "../simulators/model.ts";
import { TelegramSimulator } from "../simulators/telegram.ts";

const chat = 4711;
const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

async function world(
  t: TestContext,
  { agent = {}, limits = {}, delayMs = 0, streaming = "off" }: { agent?: object; limits?: object; delayMs?: number; streaming?: string },
) {
  const home = await temporaryHome();
  const telegram = new TelegramSimulator({});
  await telegram.listen();
  const model = await startModelSimulator({ delayMs });
  const configuration = {
    accounts: { support: { channel: "telegram", token: telegram.token, apiRoot: telegram.url, access: { direct: "open" }, streaming } },
    providers: { local: { kind: "openai-compatible", baseUrl: `${model.origin}/v1` } },
    limits,
    agents: { main: { models: ["local/echo"], ...agent } },
  };
  let gateway: GatewayProcess = await startGatewayProcess({ home: home.path, configuration });
  t.after(async () => {
    await gateway.kill();
    await model.close();
    await telegram.close();
    await home[Symbol.asyncDispose]();
  });
  let cookie = "";
  const setup = await post("/api/setup", { token: setupToken, name: "ada", password: "correct horse battery staple" });
  cookie = String(setup.headers.get("set-cookie")).split(";")[0] as string;

  function post(path: string, body: object) {
    const headers = { "content-type": "application/json", origin: gateway.url, ...(cookie && { cookie }) };
    return fetch(gateway.url + path, { method: "POST", headers, body: JSON.stringify(body) });
  }
  async function get<Value>(path: string): Promise<Value> {
    return (await (await fetch(gateway.url + path, { headers: { cookie } })).json()) as Value;
  }
  async function conversation() {
    const [found] =
      await get<
        { id: string; control: string; controlVersion: number; handover?: { assignee?: string; reason?: string; returnAt?: number } }[]
      >("/api/conversations?limit=1");
    assert.ok(found);
    return found;
  }
  return {
    ...{ home: home.path, telegram, model, get, conversation },
    post: async (path: string, body: object) => {
      const answer = await post(path, body);
      assert.ok(answer.ok, `${path}: ${await answer.clone().text()}`);
      return (await answer.json()) as { quiet?: boolean };
    },
    said: () => telegram.seen(chat).map(({ text }) => text),
    kill: () => gateway.kill(),
    async restart() {
      gateway = await startGatewayProcess({ home: home.path });
    },
  };
}

async function until(reason: string, look: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; !(await look()); ) {
    assert.ok(Date.now() < end, `it never came to be: ${reason}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

test("a gateway that is killed between a takeover and the end of the answer says no further letter of it", {
  timeout: 90_000,
}, async (t) => {
  const w = await world(t, { agent: { models: ["local/chunks-2000"] }, delayMs: 20, streaming: "edit" });
  w.telegram.say(chat, chat, "tell me all");
  await until("the answer grows", () => (w.said().at(-1)?.length ?? 0) > 60);
  const { id, controlVersion } = await w.conversation();
  // Beside the gateway, which learns of it within a second: it is dead by then.
  const beside = await openSqliteStore({ file: storeFile(w.home), role: "guest" });
  assert.ok(beside.ok);
  const taken = await beside.value.records.setControl(defaultTenant, id as never, "human", controlVersion, "op_ada", Date.now());
  await w.kill();
  await beside.value.close();
  assert.equal(taken?.control, "human");
  const shown = w.said();

  await w.restart();
  const messages = () =>
    w.get<{ author?: string; broken?: true; parts: { text: string }[] }[]>(`/api/conversations/${id}/messages?limit=9`);
  await until("what was seen is kept, as broken off", async () => (await messages())[0]?.broken === true);
  const [kept] = await messages();
  assert.equal(kept?.author, "agent");
  assert.ok(shown[0]?.startsWith(kept?.parts[0]?.text ?? "?"), "what was seen began like that");
  await w.post(`/api/conversations/${id}/messages`, { text: "Ada here." });
  await until("the operator's words arrive", () => w.said().at(-1) === "Ada here.");
  assert.deepEqual(w.said(), [...shown, "Ada here."]);
  assert.equal(w.model.calls.length, 1, "no model is asked again");
});

test("a takeover from the command line stops the model within a second", { timeout: 90_000 }, async (t) => {
  const w = await world(t, { agent: { models: ["local/chunks-5000"] }, delayMs: 20, streaming: "edit" });
  w.telegram.say(chat, chat, "tell me all");
  await until("the answer grows", () => (w.said().at(-1)?.length ?? 0) > 20);
  const { id } = await w.conversation();
  const cli = (...words: string[]) => {
    const env = { PATH: process.env.PATH, HOME: w.home, POLYLOGUE_HOME: w.home };
    return promisify(execFile)(process.execPath, [main, "conversations", ...words], { env, cwd: join(w.home) });
  };
  assert.match((await cli("take", id, "--as", "ada")).stdout, /ada has cv_/);
  await until("the call is cut off", () => w.model.calls[0]?.state === "closed-by-client");
  assert.match((await cli("assign", id, "nobody")).stdout, /waits for somebody/);
  assert.match((await cli("waiting")).stdout, new RegExp(id));
  assert.match((await cli("return", id, "--note", "All told.")).stdout, /answers in cv_/);
  assert.equal((await w.conversation()).control, "agent");
});

test("answers that fail one after the other call a person, who is a finding until somebody takes it", { timeout: 90_000 }, async (t) => {
  const agent = { models: ["local/broken"], handover: { failures: 2, say: "Somebody comes." } };
  const w = await world(t, { agent, limits: { turnTries: 1 } });
  w.telegram.say(chat, chat, "one");
  await until("it fails", () => w.said().length === 1);
  assert.equal((await w.conversation()).control, "agent");
  w.telegram.say(chat, chat, "two");
  await until("a person is called", () => w.said().length === 2);
  assert.match(w.said()[1] ?? "", /\n\nSomebody comes\.$/);
  const { id, control, handover } = await w.conversation();
  assert.deepEqual([control, handover?.assignee, handover?.reason], ["human", undefined, "2 answers in a row failed"]);
  const waits = async () => (await w.get<{ code: string }[]>("/api/findings")).some(({ code }) => code === "handover-waiting");
  assert.equal(await waits(), true);
  await w.post(`/api/conversations/${id}/take`, {});
  assert.equal(await waits(), false);
});

test("a conversation goes back to its agent by itself, also when the gateway was down at that moment", { timeout: 90_000 }, async (t) => {
  const w = await world(t, { agent: { handover: { returnAfterMs: 2_000, ask: "How was it?" } } });
  w.telegram.say(chat, chat, "hello");
  await until("it is answered", () => w.said().length === 1);
  const { id } = await w.conversation();
  assert.equal((await w.post(`/api/conversations/${id}/take`, {})).quiet, true);
  const { handover } = await w.conversation();
  w.telegram.say(chat, chat, "are you there?");
  await until("it is in the store", async () => (await w.get<unknown[]>(`/api/conversations/${id}/messages?limit=9`)).length === 3);
  await w.kill();
  await until("its time has come", () => Date.now() > (handover?.returnAt ?? Number.POSITIVE_INFINITY));
  await w.restart();
  await until("it went back", async () => (await w.conversation()).control === "agent");
  await until("the question is asked once", () => w.said().length === 2);
  const asked = w.telegram.seen(chat).at(-1);
  w.telegram.press(chat, chat, asked?.id as number, "5");
  await until("it is thanked for", () => w.said().at(-1) === "Thank you.");
  const [over] = await w.get<{ endedBy: string; score: number }[]>(`/api/handovers?conversation=${id}`);
  assert.deepEqual([over?.endedBy, over?.score], ["gateway", 5]);
  w.telegram.say(chat, chat, "and now?");
  await until("the agent answers", () => w.said().at(-1)?.includes("and now?") === true);
  assert.equal(w.said().filter((text) => text.includes("are you there?")).length, 0, "what came meanwhile isn't answered");
  assert.equal(w.model.calls.length, 2, "nor is the score shown to a model");
});
