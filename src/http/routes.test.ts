import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { startTestServer } from "../../test/http-server.ts";

test("which route would take a text, and why each of the others wouldn't", async () => {
  await using server = await startTestServer();
  const cookie = await server.setup();
  await writeFile(
    join(server.home, "polylogue.json5"),
    `{
      accounts: { web: { channel: "toy", token: "t", access: { direct: "open" } } },
      agents: { main: {}, bills: {}, night: {} },
      routes: [
        { when: { text: "invoice|bill", chat: ["7"] }, agent: "bills" },
        { when: { kind: "group" }, agent: "night" },
        { when: { sender: "9" }, agent: "bills" },
        { when: { language: "en" }, agent: "main" },
      ],
    }`,
  );
  const ask = (body: object) => server.ask("/api/routes/evaluate", { method: "POST", cookie, body });
  // The file is looked at within a second or so.
  for (let i = 0; i < 100 && (await ask({ text: "" })).json.missed === undefined; i += 1) await new Promise((done) => setTimeout(done, 50));
  let answer = await ask({ text: "Where is my invoice, please?" });
  for (let i = 0; i < 100 && (answer.json.missed as unknown[])?.length !== 4; i += 1) {
    await new Promise((done) => setTimeout(done, 50));
    answer = await ask({ text: "Where is my invoice, please?" });
  }
  assert.deepEqual(answer.json, { route: 3, agent: "main", missed: [["chat"], ["kind"], ["sender"], []] });
  assert.deepEqual((await ask({ text: "the bill", chat: "7" })).json, {
    route: 0,
    agent: "bills",
    missed: [[], ["kind"], ["sender"], ["language"]],
  });
  assert.equal((await ask({ text: "x", account: "gone" })).json.error?.code, "account-unknown");
  assert.equal((await ask({ text: "/help", sender: "9" })).json.command, "help");
});

test("routes that aren't saved are tried as they would be saved, and leave nothing behind", async () => {
  await using server = await startTestServer();
  const cookie = await server.setup();
  const put = (path: string, value: unknown) => server.ask(`/api/settings/${path}`, { method: "PUT", cookie, body: { value } });
  const file = `{ accounts: { web: { channel: "toy", token: "t", access: { direct: "open" } } }, agents: { main: {}, bills: {} } }`;
  await writeFile(join(server.home, "polylogue.json5"), file);
  await put("agents.bills.instructions", "You know the bills.");
  const { json: before } = await server.ask("/api/config", { cookie });
  const attempt = (routes: unknown, more: { text?: string; cookie?: string; token?: string } = { cookie }) => {
    const { text = "Where is my invoice?", ...as } = more;
    return server.ask("/api/routes/evaluate", { method: "POST", ...as, body: { text, routes } });
  };

  const tried = await attempt([
    { when: { kind: "group", text: "invoice" }, agent: "main" },
    { when: { text: "invoice" }, agent: "bills" },
  ]);
  assert.deepEqual(tried.json, { route: 1, agent: "bills", missed: [["kind"], []] });
  const answer = await server.ask("/api/routes/evaluate", { method: "POST", cookie, body: { text: "Where is my invoice?" } });
  assert.deepEqual(answer.json, { route: 0, agent: "main", missed: [[]] }, "what runs is what was there");
  assert.deepEqual((await server.ask("/api/config", { cookie })).json, before, "nothing was stored");

  const refused = async (routes: unknown, code: string, words: RegExp) => {
    const { error } = (await attempt(routes)).json;
    assert.equal(error?.code, code);
    assert.match(error?.message ?? "", words);
    const saved = (await put("routes", routes)).json.error;
    assert.deepEqual([saved?.code, saved?.message], [error?.code, error?.message?.replace("routes:", "value:")], "a save says the same");
  };
  await refused([{ when: { text: "(" }, agent: "main" }], "config-invalid", /isn't a pattern/);
  await refused([{ when: { colour: "red" }, agent: "main" }], "config-invalid", /colour/);
  await refused([{ agent: "nobody" }], "config-invalid", /which doesn't exist/);
  await refused([{ when: { time: { from: "25:00" } }, agent: "main" }], "config-invalid", /from/);
  await refused([{ when: { text: "${HOME}" }, agent: "main" }], "request-invalid", /configuration file/);

  const { json: made } = await server.ask("/api/tokens", { method: "POST", cookie, body: { label: "watcher", role: "operator" } });
  const token = made.token as string;
  assert.equal((await attempt([{ agent: "main" }], { token })).json.error?.code, "role-too-low");
});
