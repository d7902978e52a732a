import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { type ReceivedSpan, startTraceReceiver } from "../simulators/otlp.ts";
import { openDesk } from "../support/desk.ts";

const secret = "collector-key-0123456789";

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let waited = 0; !condition(); waited += 20) {
    assert.ok(waited < 20_000, what);
    await pause(20);
  }
}

test("a message is one trace: received, agent, model, tool, sent; no word of it leaves", { timeout: 60_000 }, async () => {
  await using receiver = await startTraceReceiver();
  await using home = await temporaryHome();
  const arrived: unknown[] = [];
  await using desk = await openDesk({ connections: 1, arrived: (message) => arrived.push(message) });
  const configuration = {
    accounts: { desk: desk.account },
    agents: { main: { instructions: "Instructions-of-nobody-else.", models: ["demo/demo"], tools: ["current_time"] } },
    log: { level: "debug" },
  };
  // The first is told to wait: what it would have got comes later.
  receiver.next.push(503);
  const gateway = await startGatewayProcess({
    ...{ home: home.path, configuration },
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url}/`, OTEL_EXPORTER_OTLP_HEADERS: `x-key=${encodeURIComponent(secret)}` },
  });
  try {
    assert.equal(await desk.post(gateway.url, { id: "e1", conversation: "c1", text: "what time is it? words-of-ada" }), 202);
    await until(() => receiver.spans.some(({ parentSpanId }) => !parentSpanId), "no trace was sent");
  } finally {
    assert.equal(await gateway.stop(), 0);
  }
  assert.deepEqual(receiver.refused, []);
  const { spans } = receiver;
  const [root, ...others] = spans.filter(({ parentSpanId }) => !parentSpanId) as [ReceivedSpan, ...ReceivedSpan[]];
  assert.equal(others.length, 0);
  assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1);
  const named = (name: string) => spans.find((span) => span.name === name) ?? assert.fail(`${name} in ${spans.map(({ name }) => name)}`);
  assert.deepEqual([root.name, root.kind, root.attributes["polylogue.channel"]], ["receive webhook", 5, "webhook"]);
  assert.match(String(root.attributes["polylogue.trace"]), /^ev_/);
  const agent = named("invoke_agent main");
  assert.equal(agent.parentSpanId, root.spanId);
  assert.deepEqual([agent.attributes["gen_ai.operation.name"], agent.attributes["gen_ai.agent.name"]], ["invoke_agent", "main"]);
  const calls = spans.filter(({ name }) => name === "chat demo");
  assert.equal(calls.length, 2, "one before the tool, one after");
  for (const { parentSpanId, kind, attributes } of calls) {
    assert.deepEqual([parentSpanId, kind], [agent.spanId, 3]);
    assert.deepEqual([attributes["gen_ai.provider.name"], attributes["gen_ai.request.model"]], ["demo", "demo"]);
    assert.ok(Number(attributes["gen_ai.usage.input_tokens"]) > 0 && Number(attributes["gen_ai.usage.output_tokens"]) > 0);
  }
  const tool = named("execute_tool current_time");
  assert.deepEqual([tool.parentSpanId, tool.attributes["gen_ai.tool.name"]], [agent.spanId, "current_time"]);
  const sent = named("send webhook");
  assert.deepEqual([sent.parentSpanId, sent.kind], [root.spanId, 4]);
  for (const { startTimeUnixNano, endTimeUnixNano } of spans) assert.ok(BigInt(startTimeUnixNano) <= BigInt(endTimeUnixNano));
  assert.ok(BigInt(root.endTimeUnixNano) >= BigInt(sent.endTimeUnixNano));
  assert.deepEqual(new Set(receiver.headers.map((headers) => headers["x-key"])), new Set([secret]));
  assert.doesNotMatch(receiver.texts.join(""), /words-of-ada|Instructions-of-nobody|demo model/i);
  assert.ok(gateway.log().includes("traces-refuse") && !gateway.log().includes(secret));
});

test("a receiver that isn't there costs no message and no end", { timeout: 60_000 }, async () => {
  await using home = await temporaryHome();
  const arrived: unknown[] = [];
  await using desk = await openDesk({ connections: 1, arrived: (message) => arrived.push(message) });
  const gateway = await startGatewayProcess({
    ...{ home: home.path, configuration: { accounts: { desk: desk.account } } },
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" },
  });
  for (const id of ["e1", "e2"]) await desk.post(gateway.url, { id, conversation: id, text: "hello" });
  await until(() => arrived.length === 2, "no answer");
  await pause(1_500);
  assert.equal(await gateway.stop(), 0);
  assert.equal(gateway.log().match(/traces-refuse/g)?.length, 1, "it is said once");
});
