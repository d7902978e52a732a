import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import OpenAI from "openai";
import { type GatewayProcess, setupToken, startGatewayProcess, type TemporaryHome, temporaryHome } from "../gateway-process.ts";
import { type ModelSimulator, startModelSimulator } from "../simulators/model.ts";

/** The official client against a real gateway, whose models are a simulator's. */
let home: TemporaryHome;
let models: ModelSimulator;
let gateway: GatewayProcess;
const tokens: { [role: string]: string } = {};

before(async () => {
  home = await temporaryHome();
  models = await startModelSimulator({ key: "sk-right" });
  const limits = { maxOutputTokens: 100 };
  const agent = (...names: string[]) => ({ instructions: "Be kind to {{user}}.", models: names, limits });
  const configuration = {
    providers: {
      sim: {
        kind: "openai-compatible",
        apiKey: "sk-right",
        baseUrl: `${models.origin}/v1`,
        prices: { "*": { input: 1, output: 2 } },
        models: { "echo+noindex": { reads: ["image"] } },
      },
    },
    agents: {
      main: { ...agent("sim/echo"), embed: ["sim/vectors"], examples: [{ user: "Hi", answer: "Hello." }] },
      words: agent("sim/chunks-30"),
      slow: agent("sim/chunks-400+slow"),
      caller: agent("sim/tools"),
      cut: agent("sim/length"),
      failing: agent("sim/broken", "sim/echo"),
      dead: agent("sim/quota"),
      breaking: agent("sim/error"),
      poor: agent("sim/chunks-3"),
      silent: { ...agent("sim/silent"), limits: { ...limits, turnMs: 1_000 } },
      stalled: { ...agent("sim/stall"), limits: { ...limits, turnMs: 1_000 } },
      script: agent("sim/echo+größe"),
      reader: { ...agent("sim/echo"), describe: ["sim/quota+ms", "sim/chunks-3"], transcribe: ["sim/whisper"] },
      watcher: { ...agent("sim/echo+noindex"), describe: ["sim/chunks-3"] },
      blind: { ...agent("sim/echo"), describe: ["sim/missing"] },
    },
    budgets: { pocket: { agent: "poor", tokens: 1, every: "day" } },
    routes: [{ agent: "main" }],
  };
  gateway = await startGatewayProcess({ home: home.path, configuration });
  const post = async (path: string, body: object, cookie = "") => {
    const headers = { "content-type": "application/json", origin: gateway.url, cookie };
    return fetch(`${gateway.url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  };
  const owner = await post("/api/setup", { token: setupToken, name: "Ada", password: "correct horse battery staple" });
  const cookie = owner.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  for (const role of ["viewer", "operator", "admin"]) {
    const made = (await (await post("/api/tokens", { label: `${role}-laptop`, role }, cookie)).json()) as { token: string };
    tokens[role] = made.token;
  }
});
after(async () => {
  await gateway?.kill();
  await models?.close();
  await home?.[Symbol.asyncDispose]();
});

const client = (role = "operator", more = {}) =>
  new OpenAI({ apiKey: tokens[role] ?? role, baseURL: `${gateway.url}/v1`, maxRetries: 0, ...more });
const user = (content: string) => ({ role: "user" as const, content });
const weather = { type: "object", properties: { city: { type: "string" } } };

async function refusal(work: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof OpenAI.APIError, `it was refused: ${thrown}`);
  return thrown;
}

describe("models", () => {
  test("are the agents; those of providers are for admins", async () => {
    const listed = await client("viewer").models.list();
    assert.deepEqual(listed.data.map(({ id, object }) => `${object} ${id}`).slice(0, 2), ["model main", "model words"]);
    assert.equal((await client().models.retrieve("main")).id, "main");
    assert.ok((await refusal(client().models.retrieve("nobody"))) instanceof OpenAI.NotFoundError);
    assert.ok(
      (await refusal(client().chat.completions.create({ model: "sim/echo", messages: [user("hi")] }))) instanceof
        OpenAI.PermissionDeniedError,
    );
    const direct = await client("admin").chat.completions.create({ model: "sim/echo", messages: [user("hi")] });
    assert.equal(direct.choices[0]?.message.content, "You said: hi");
  });
});

describe("chat completions", () => {
  test("answer as the agent, with its own words first", async () => {
    const answer = await client().chat.completions.create({
      model: "main",
      messages: [{ role: "system", content: "Speak French." }, user("hello there")],
      max_completion_tokens: 5_000,
      temperature: 0.5,
    });
    assert.equal(answer.object, "chat.completion");
    assert.equal(answer.choices[0]?.message.content, "You said: hello there");
    assert.equal(answer.choices[0]?.finish_reason, "stop");
    assert.ok((answer.usage?.total_tokens ?? 0) > 0);
    const sent = models.calls.at(-1)?.body as {
      messages: { role: string; content: unknown }[];
      max_completion_tokens?: number;
      max_tokens?: number;
    };
    assert.deepEqual(
      sent.messages.map(({ role }) => role),
      ["system", "user", "assistant", "user"],
    );
    assert.equal(sent.messages[0]?.content, "Be kind to operator-laptop.\n\nSpeak French.");
    assert.equal(sent.max_completion_tokens ?? sent.max_tokens, 100, "the agent's limit holds");
  });

  test("stream, with usage when that is asked for", async () => {
    const stream = await client().chat.completions.create({
      ...{ model: "words", messages: [user("go")], stream: true as const, stream_options: { include_usage: true } },
    });
    let text = "";
    const finishes: string[] = [];
    let usage: unknown;
    let chunks = 0;
    for await (const chunk of stream) {
      chunks += 1;
      text += chunk.choices[0]?.delta.content ?? "";
      if (chunk.choices[0]?.finish_reason) finishes.push(chunk.choices[0].finish_reason);
      if (chunk.usage) usage = chunk.usage.completion_tokens;
    }
    assert.ok(chunks >= 30, `${chunks} chunks`);
    assert.equal(text.trim().split(/\s+/).length, 30);
    assert.deepEqual(finishes, ["stop"]);
    assert.ok(Number(usage) > 0);
  });

  test("call the client's tools, and go on with what they gave", async () => {
    const tools = [{ type: "function" as const, function: { name: "weather", description: "Looks.", parameters: weather } }];
    const asked = user('{"city":"Graz"}');
    const first = await client().chat.completions.create({ model: "caller", messages: [asked], tools });
    const message = first.choices[0]?.message;
    assert.equal(first.choices[0]?.finish_reason, "tool_calls");
    const [call] = message?.tool_calls ?? [];
    assert.ok(call?.type === "function");
    assert.deepEqual([call.function.name, JSON.parse(call.function.arguments)], ["weather", { city: "Graz" }]);
    assert.ok(message);
    const result = { role: "tool" as const, tool_call_id: call.id, content: "sunny" };
    const second = await client().chat.completions.create({ model: "caller", messages: [asked, message, result], tools });
    assert.match(second.choices[0]?.message.content ?? "", /sunny/);
    const stream = client().chat.completions.stream({ model: "caller", messages: [asked], tools });
    const final = await stream.finalChatCompletion();
    assert.equal(final.choices[0]?.message.tool_calls?.length, 1);
  });

  test("take images in the request, and fetch none", async () => {
    const image = (url: string) => [
      {
        role: "user" as const,
        content: [
          { type: "text" as const, text: "see" },
          { type: "image_url" as const, image_url: { url } },
        ],
      },
    ];
    const seen = await client().chat.completions.create({
      model: "main",
      messages: image(`data:image/png;base64,${Buffer.from("89504e47", "hex").toString("base64")}`),
    });
    assert.match(seen.choices[0]?.message.content ?? "", /1 image/);
    const refused = await refusal(client().chat.completions.create({ model: "main", messages: image("http://169.254.169.254/latest") }));
    assert.deepEqual([refused.status, refused.param], [400, "messages.0.content.1.image_url.url"]);
  });

  describe("whose model can't see or hear", () => {
    const png = (n: number) => `data:image/png;base64,${Buffer.from([0x89, 0x50, 0x4e, 0x47, n]).toString("base64")}`;
    const picture = (n: number) => ({ type: "image_url" as const, image_url: { url: png(n) } });
    const ask = (model: string, content: OpenAI.ChatCompletionContentPart[], before: OpenAI.ChatCompletionMessageParam[] = []) =>
      client().chat.completions.create({ model, messages: [...before, { role: "user", content }] });
    const asked = () => models.calls.map(({ model }) => model);

    test("get images and recordings in words, by the agent's other models", async () => {
      const before = models.calls.length;
      const audio = {
        type: "input_audio" as const,
        input_audio: { data: Buffer.from("RIFFwave").toString("base64"), format: "wav" as const },
      };
      const answer = await ask("reader", [{ type: "text", text: "Look:" }, picture(1), audio]);
      assert.match(
        answer.choices[0]?.message.content ?? "",
        /^You said: Look:\s*\[image: word0 word1 word2 \]\s*\[audio: 8 bytes of audio\/wav\]$/,
      );
      assert.deepEqual(asked().slice(before), ["whisper", "quota+ms", "chunks-3", "echo"]);
    });

    test("and are paid for once, however often the program sends them, and stand in the costs", async () => {
      await ask("reader", [picture(2)]);
      const before = models.calls.length;
      const again = await ask("reader", [{ type: "text", text: "And now?" }], [{ role: "user", content: [picture(2)] }]);
      assert.equal(again.choices[0]?.message.content, "You said: And now?");
      assert.deepEqual(asked().slice(before), ["echo"]);
      assert.match(JSON.stringify(models.calls.at(-1)?.body), /\[image: word0/);
      const streamed = await client().responses.create({
        model: "reader",
        store: false,
        input: [{ role: "user", content: [{ type: "input_image", image_url: png(2), detail: "auto" }] }],
      });
      assert.match(streamed.output_text, /\[image: word0/);
      const response = await fetch(`${gateway.url}/api/cost?by=channel,sender,purpose`, {
        headers: { authorization: `Bearer ${tokens.admin}` },
      });
      const rows = (await response.json()) as { of: { channel?: string; sender?: string; purpose?: string }; calls: number }[];
      const described = rows.filter(({ of }) => of.purpose === "describe" || of.purpose === "transcribe");
      assert.deepEqual(described.map(({ of: { channel, sender, purpose } }) => `${channel} ${sender} ${purpose}`).sort(), [
        "v1 operator-laptop describe",
        "v1 operator-laptop transcribe",
      ]);
    });

    test("unless it can, and are told of it where nobody can", async () => {
      const before = models.calls.length;
      const seen = await ask("watcher", [{ type: "text", text: "see" }, picture(3)]);
      assert.match(seen.choices[0]?.message.content ?? "", /1 image/);
      assert.deepEqual(asked().slice(before), ["echo+noindex"]);
      const unseen = await ask("blind", [picture(4)]);
      assert.equal(unseen.choices[0]?.message.content, "You said: [image: you can't see it]");
    });

    test("at most eight of one request, the newest", async () => {
      const before = models.calls.length;
      await ask(
        "reader",
        Array.from({ length: 10 }, (_, n) => picture(100 + n)),
      );
      assert.equal(
        asked()
          .slice(before)
          .filter((model) => model === "chunks-3").length,
        8,
      );
      const read = JSON.stringify(models.calls.at(-1)?.body);
      assert.deepEqual([read.split("you can't see it").length, read.lastIndexOf("you can't see it") < read.indexOf("word0")], [3, true]);
    });
  });

  test("fall over to the next model, and say what failed when there is none", async () => {
    const { data, response } = await client()
      .chat.completions.create({ model: "failing", messages: [user("hi")] })
      .withResponse();
    assert.deepEqual([data.choices[0]?.message.content, response.headers.get("x-polylogue-model")], ["You said: hi", "sim/echo"]);
    const limited = await refusal(client().chat.completions.create({ model: "dead", messages: [user("hi")] }));
    assert.ok(limited instanceof OpenAI.RateLimitError);
    assert.deepEqual([limited.code, limited.headers?.get("retry-after")], ["rate_limit_exceeded", "7"]);
    const asked = models.calls.length;
    const waiting = await refusal(client().chat.completions.create({ model: "dead", messages: [user("hi")], stream: true }));
    assert.equal(waiting.status, 503);
    assert.ok(Number(waiting.headers?.get("retry-after")) >= 1);
    assert.equal(models.calls.length, asked, "a model that wants a pause isn't asked");
    const cut = await client().chat.completions.create({ model: "cut", messages: [user("hi")] });
    assert.equal(cut.choices[0]?.finish_reason, "length");
    const broken = await client().chat.completions.create({ model: "breaking", messages: [user("one two three four")], stream: true });
    await refusal(
      (async () => {
        for await (const _ of broken);
      })(),
    );
  });

  test("end when the client hangs up", async () => {
    const before = models.calls.length;
    const stream = await client().chat.completions.create({ model: "slow", messages: [user("hi")], stream: true });
    for await (const _ of stream) break;
    stream.controller.abort();
    assert.equal((await models.over(before + 1)).state, "closed-by-client");
    const impatient = new AbortController();
    const whole = client().chat.completions.create({ model: "slow", messages: [user("hi")] }, { signal: impatient.signal });
    const thrown = refusal(whole);
    while (models.calls.length < before + 2) await setImmediate();
    impatient.abort();
    assert.ok((await thrown) instanceof OpenAI.APIUserAbortError);
    assert.equal((await models.over(before + 2)).state, "closed-by-client");
  });

  test("take no longer than the agent may, and the client isn't told to pay again", async () => {
    for (const stream of [false, true]) {
      const before = models.calls.length;
      const late = await refusal(
        client("operator", { maxRetries: 3 }).chat.completions.create({ model: "silent", messages: [user("hi")], stream }),
      );
      assert.deepEqual([late.status, late.code], [504, "timeout"]);
      assert.equal(models.calls.length, before + 1);
      assert.equal((await models.over(before + 1)).state, "closed-by-client");
    }
    const stalled = await client().chat.completions.create({ model: "stalled", messages: [user("one two three four")], stream: true });
    const cut = await refusal(
      (async () => {
        for await (const _ of stalled);
      })(),
    );
    assert.equal(cut.code, "timeout");
  });

  test("name the model that answered, in any script", async () => {
    const { response } = await client()
      .chat.completions.create({ model: "script", messages: [user("hi")] })
      .withResponse();
    assert.equal(decodeURI(response.headers.get("x-polylogue-model") ?? ""), "sim/echo+größe");
  });

  test("are stopped by a budget, and the client isn't told to ask again", async () => {
    const ask = () => client("operator", { maxRetries: 3 }).chat.completions.create({ model: "poor", messages: [user("hi")] });
    await ask();
    const before = models.calls.length;
    const refused = await refusal(ask());
    assert.ok(refused instanceof OpenAI.RateLimitError);
    assert.equal(refused.code, "insufficient_quota");
    assert.equal(models.calls.length, before);
  });

  test("refuse what they can't do, by its name", async () => {
    const ask = (more: object) => client().chat.completions.create({ model: "main", messages: [user("hi")], ...more } as never);
    const format = { type: "json_object" };
    const cases = { n: 2, response_format: format, stop: ["x"], tool_choice: "required", logprobs: true, temperature: 9, store: true };
    for (const [param, value] of Object.entries(cases)) {
      const refused = await refusal(ask({ [param]: value }));
      assert.deepEqual([refused.status, refused.param], [400, param]);
    }
    const orphan = await refusal(ask({ messages: [{ role: "tool", tool_call_id: "x", content: "?" }] }));
    assert.equal(orphan.param, "messages.0.tool_call_id");
    assert.equal((await refusal(ask({ messages: [] }))).status, 400);
  });
});

describe("responses", () => {
  test("answer, whole and as a stream of events", async () => {
    const whole = await client().responses.create({ model: "main", instructions: "Be brief.", input: "hello" });
    assert.equal(whole.output_text, "You said: hello");
    assert.deepEqual([whole.status, whole.object], ["completed", "response"]);
    const types: string[] = [];
    let text = "";
    const stream = await client().responses.create({ model: "words", input: [{ role: "user", content: "go" }], stream: true });
    let last: OpenAI.Responses.Response | undefined;
    let sequence = -1;
    for await (const event of stream) {
      assert.equal(event.sequence_number, ++sequence);
      if (types.at(-1) !== event.type) types.push(event.type);
      if (event.type === "response.output_text.delta") text += event.delta;
      if (event.type === "response.completed") last = event.response;
    }
    assert.deepEqual(types, [
      ...[
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
      ],
      ...["response.output_text.done", "response.content_part.done", "response.output_item.done", "response.completed"],
    ]);
    const [item] = last?.output ?? [];
    assert.equal(item?.type === "message" && item.content[0]?.type === "output_text" ? item.content[0].text : "", text);
    const collected = await client().responses.stream({ model: "words", input: "go" }).finalResponse();
    assert.equal(collected.output_text, text);
  });

  test("call the client's functions", async () => {
    const tools = [{ type: "function" as const, name: "weather", parameters: weather, strict: false }];
    const input = [{ role: "user" as const, content: '{"city":"Graz"}' }];
    for (const collect of [
      () => client().responses.create({ model: "caller", input, tools }),
      () => client().responses.stream({ model: "caller", input, tools }).finalResponse(),
    ]) {
      const first = await collect();
      const call = first.output.find(({ type }) => type === "function_call");
      assert.ok(call?.type === "function_call");
      assert.deepEqual([call.name, JSON.parse(call.arguments)], ["weather", { city: "Graz" }]);
      const output = { type: "function_call_output" as const, call_id: call.call_id, output: "sunny" };
      const second = await client().responses.create({
        model: "caller",
        input: [...input, ...(first.output as OpenAI.Responses.ResponseInputItem[]), output],
        tools,
      });
      assert.match(second.output_text, /sunny/);
      const listed = { ...output, output: [{ type: "input_text" as const, text: "rainy" }] };
      const third = await client().responses.create({
        model: "caller",
        input: [...input, ...(first.output as OpenAI.Responses.ResponseInputItem[]), listed],
        tools,
      });
      assert.match(third.output_text, /rainy/);
    }
  });

  test("say which part of the input is wrong", async () => {
    const seen = (image_url: string | null) => ({ role: "user", content: [{ type: "input_image", image_url }] });
    const cases: readonly (readonly [unknown, string])[] = [
      [[seen(null)], "input.0.content.0.image_url"],
      [[seen("https://example.com/a.png")], "input.0.content.0.image_url"],
      [
        [
          { role: "user", content: "hi" },
          { type: "item_reference", id: "x" },
        ],
        "input.1.type",
      ],
      [[{ type: "function_call_output", call_id: "x", output: "?" }], "input.0.call_id"],
      [[{ type: "function_call_output", call_id: "x", output: 5 }], "input.0.output"],
      [5, "input"],
    ];
    for (const [input, param] of cases) {
      const refused = await refusal(client().responses.create({ model: "main", input } as never));
      assert.deepEqual([refused.status, refused.param], [400, param]);
    }
  });

  test("keep nothing, and say so", async () => {
    for (const [param, value] of Object.entries({
      previous_response_id: "resp_1",
      store: true,
      background: true,
      conversation: "conv_1",
    })) {
      const refused = await refusal(client().responses.create({ model: "main", input: "hi", [param]: value } as never));
      assert.deepEqual([refused.status, refused.param], [400, param]);
    }
  });
});

describe("embeddings", () => {
  test("come from the agent's own models, in the coding that the client asks for", async () => {
    const coded = await client().embeddings.create({ model: "main", input: ["one word", "two words"] });
    const plain = await client().embeddings.create({ model: "main", input: ["one word", "two words"], encoding_format: "float" });
    assert.equal(coded.data.length, 2);
    assert.ok(
      coded.data.every(({ embedding }, n) => embedding.every((value, m) => Math.abs(value - (plain.data[n]?.embedding[m] ?? 9)) < 1e-6)),
    );
    assert.equal((await refusal(client().embeddings.create({ model: "words", input: "x" }))).param, "model");
    assert.equal((await refusal(client().embeddings.create({ model: "main", input: "x", dimensions: 3 }))).param, "dimensions");
  });
});

describe("who may", () => {
  test("only those with a token, and a viewer spends nothing", async () => {
    assert.ok((await refusal(client("not-a-token").models.list().then())) instanceof OpenAI.AuthenticationError);
    assert.ok(
      (await refusal(client("viewer").chat.completions.create({ model: "main", messages: [user("hi")] }))) instanceof
        OpenAI.PermissionDeniedError,
    );
    const bare = await fetch(`${gateway.url}/v1/models`);
    assert.equal(bare.status, 401);
    assert.equal((await fetch(`${gateway.url}/v1/nothing`, { headers: { authorization: `Bearer ${tokens.admin}` } })).status, 404);
  });

  test("what programs used is accounted under their token", async () => {
    const answer = await fetch(`${gateway.url}/api/cost?by=channel,agent,sender,purpose`, {
      headers: { authorization: `Bearer ${tokens.admin}` },
    });
    const rows = (await answer.json()) as { of: { channel: string; agent: string; sender: string; purpose: string }; usd: number }[];
    const main = rows.find(({ of }) => of.agent === "main" && of.sender === "operator-laptop" && of.purpose === "answer");
    assert.ok(main && main.of.channel === "v1" && main.usd > 0);
    assert.ok(rows.some(({ of }) => of.purpose === "embed"));
  });
});
