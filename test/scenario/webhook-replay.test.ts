import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import webhook from "../../src/channels/webhook/index.ts";
import { defaultTenant } from "../../src/core/ids.ts";
import { defineProvider } from "../../src/core/provider.ts";
import { composeTestGateway } from "../compose.ts";
import { temporaryHome } from "../gateway-process.ts";

const key = Buffer.alloc(32, 5);

const echo = defineProvider<never>({
  kind: "echo",
  name: "Echo",
  settings: undefined as never,
  models: async () => ({ ok: true, value: [] }),
  async *stream() {
    yield { type: "text", delta: "Got it" };
    yield { type: "end", reason: "stop", usage: { input: 1, cachedInput: 0, output: 1, reported: true } };
  },
});

test("one signed request, sent 1,000 times, 50 at once: all are answered 2xx, and it has one effect", async (t) => {
  const posts: string[] = [];
  const receiver = createServer((incoming, response) => {
    if (incoming.method === "POST") posts.push(String(incoming.headers["webhook-id"]));
    incoming.resume();
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  await using home = await temporaryHome();
  const deliverTo = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/in`;
  await using gateway = await composeTestGateway({
    home: home.path,
    channels: [webhook as never],
    accounts: { desk: { channel: "webhook", settings: { secret: `whsec_${key.toString("base64")}`, deliverTo } } },
    provider: echo,
  });
  t.after(() => receiver.close());
  const seconds = Math.floor(Date.now() / 1000);
  const body = Buffer.from(JSON.stringify({ conversation: "c", sender: { id: "u" }, text: "hello" }));
  const mac = createHmac("sha256", key).update(`evt_1.${seconds}.`).update(body).digest("base64");
  const headers = { "webhook-id": "evt_1", "webhook-timestamp": String(seconds), "webhook-signature": `v1,${mac}` };
  const { get } = gateway.gateway.accounts;
  assert.equal(get("desk")?.webhook, undefined, "nothing has come yet");
  await gateway.gateway.webhook("desk", { method: "POST", url: "/", headers: { ...headers, "webhook-signature": "v1,AAAA" }, body });
  assert.equal(get("desk")?.webhook?.refused?.fault.code, "signature-invalid");
  assert.equal(get("desk")?.webhook?.verifiedAt, undefined, "what was refused proves nothing");
  const statuses = new Set<number>();
  for (let round = 0; round < 20; round++) {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => gateway.gateway.webhook("desk", { method: "POST", url: "/", headers, body })),
    );
    for (const answer of answers) statuses.add(answer.ok ? answer.value.status : 0);
  }
  await gateway.until("delivery-sent");
  assert.deepEqual([...statuses], [202]);
  assert.ok((get("desk")?.webhook?.verifiedAt ?? 0) > 0);
  const { messages, conversations } = await gateway.store.records.counts(defaultTenant);
  assert.deepEqual([conversations, messages, posts.length], [1, 2, 1]);
});
