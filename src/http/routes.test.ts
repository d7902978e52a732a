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
