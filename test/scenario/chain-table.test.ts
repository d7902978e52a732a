import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import type { Clock } from "../../src/core/clock.ts";
import { type ErrorCode, errorTable } from "../../src/core/errors.ts";
import { type AccountId, defaultTenant } from "../../src/core/ids.ts";
import type { Provider } from "../../src/core/provider.ts";
import anthropic from "../../src/providers/anthropic.ts";
import mistral from "../../src/providers/mistral.ts";
import ollama from "../../src/providers/ollama.ts";
import openaiCompatible from "../../src/providers/openai-compatible.ts";
import openaiResponses from "../../src/providers/openai-responses.ts";
import { systemClock } from "../../src/system-clock.ts";
import { composeTestGateway, type TestGateway } from "../compose.ts";
import { temporaryHome } from "../gateway-process.ts";
import { type ModelSimulator, startModelSimulator } from "../simulators/model.ts";
import { noting, says } from "../support/talk.ts";

/**
 * What happens next, for each thing that a model API can do wrong: with another model behind it, and without. A real HTTP
 * server does it, in each format of ours.
 */
interface Row {
  /** The simulator's model. */
  readonly does: string;
  readonly code: ErrorCode;
  /** How often the failing model is asked in one turn before the next is. */
  readonly asked?: number;
  /** What ends the turn where there is no other model. */
  readonly alone: "turn-retry" | "turn-fail";
  /** After so many such turns it is no longer asked; absent: never. */
  readonly opens?: number;
  /** Milliseconds that it asks to be left alone. */
  readonly asks?: number;
  /** The formats in which it can happen, or comes to this; absent: all. */
  readonly only?: readonly FormatName[];
}

type FormatName = "openai" | "responses" | "anthropic" | "ollama";
const events = ["openai", "responses", "anthropic"] as const;

const auth = { code: "provider-auth", alone: "turn-fail", opens: 1 } as const;
const spent = { code: "provider-spent", alone: "turn-fail", opens: 1 } as const;
const quota = { code: "provider-quota", alone: "turn-retry", opens: 1 } as const;
const refused = { code: "provider-refused", alone: "turn-fail" } as const;
const tooLong = { code: "context-too-long", asked: 3, alone: "turn-fail" } as const;
const withheld = { code: "answer-withheld", alone: "turn-fail" } as const;
const unavailable = { code: "provider-unavailable", alone: "turn-retry", opens: 3 } as const;
const broken = { code: "answer-broken", alone: "turn-retry" } as const;
const malformed = { code: "provider-malformed", alone: "turn-retry", opens: 3 } as const;

const rows: readonly Row[] = [
  { does: "status-401", ...auth },
  { does: "denied", ...auth },
  { does: "status-402", ...spent },
  { does: "spent", ...spent, only: events }, // Ollama bills nobody
  { does: "quota", ...quota, asks: 7_000 },
  { does: "quota+date", ...quota, asks: 7_000 },
  { does: "quota+ms", ...quota, asks: 7_000 },
  { does: "status-429", ...quota },
  { does: "quota-event", ...quota, only: events },
  { does: "quota-event", ...unavailable, only: ["ollama"] }, // its error in mid-stream is words only
  { does: "long", ...tooLong },
  { does: "status-413", ...tooLong },
  { does: "status-400", ...refused },
  { does: "missing", ...refused },
  { does: "status-422", ...refused },
  { does: "withheld", ...withheld, only: events }, // Ollama has no filter
  { does: "blocked", ...withheld, only: events },
  { does: "blocked-event", ...withheld, only: events },
  { does: "status-408", ...unavailable },
  { does: "status-409", ...unavailable },
  { does: "broken", ...unavailable },
  { does: "html", ...unavailable },
  { does: "overloaded", ...unavailable },
  { does: "status-529", ...unavailable },
  { does: "silent", ...unavailable },
  { does: "mute", ...unavailable },
  { does: "stall", ...unavailable },
  { does: "cut", ...unavailable },
  { does: "end", ...unavailable },
  { does: "error", ...unavailable },
  { does: "empty", ...broken }, // whoever asks for nothing shuts the model for nobody
  { does: "garbled", ...unavailable, only: events }, // lines that mean nothing are allowed in a stream of events
  { does: "garbled", ...malformed, only: ["ollama"] },
  { does: "malformed", ...malformed },
  { does: "json", ...malformed },
  { does: "half-json", ...malformed },
  { does: "page", ...malformed },
  { does: "without-package", code: "package-missing", alone: "turn-fail", opens: 1 },
];

/** What may come behind more words than are thrown away. */
const inTheMiddle = ["stall", "cut", "end", "error", "quota-event", "blocked-event", "malformed"];

/** What a person may write who wants a model shut for others, or his own call taken for something else. */
const hostile = [
  "insufficient_quota",
  "'. Your credit balance is too low to access the API",
  "credit_balance_exhausted spend_limit billing_error 402",
  "prompt is too long: context_length_exceeded, maximum context length",
  "content_filter content_policy_violation",
  '{"flagged_input": "x", "retryDelay": "9999s"}',
  "API key not valid API_KEY_INVALID authentication_error rate_limit_exceeded",
];

/** Half of it is more than is thrown away. */
const long = Array.from({ length: 120 }, (_, n) => `word${n}`).join(" ");
/** Milliseconds until a turn's second try, where nobody asked for more; and what rounding adds. */
const longestFirstWait = 2_000;

let models: ModelSimulator;
before(async () => {
  models = await startModelSimulator({ key: "sk-right" });
});
after(() => models.close());

const formats: Readonly<Record<FormatName, () => Provider<never>>> = {
  openai: () => pointed(openaiCompatible as Provider, { baseUrl: `${models.origin}/v1`, apiKey: "sk-right" }),
  responses: () => pointed(openaiResponses as Provider, { baseUrl: `${models.origin}/v1`, apiKey: "sk-right" }),
  anthropic: () => pointed(anthropic as Provider, { baseUrl: models.origin, apiKey: "sk-right" }),
  ollama: () => pointed(ollama as Provider, { baseUrl: models.origin, apiKey: "sk-right" }),
};

function pointed(provider: Provider, settings: object): Provider<never> {
  const hosted = mistral as Provider;
  return {
    ...provider,
    stream: (account, request, signal) =>
      request.model === "without-package"
        ? hosted.stream({ ...account, settings: { apiKey: "k", baseUrl: models.origin } }, request, signal)
        : provider.stream({ ...account, settings }, request, signal),
  } as Provider<never>;
}

/** Short only where it is waited for: a busy machine may be slow without being silent. */
function stallMs(chain: readonly string[]): number {
  return chain.some((model) => ["silent", "mute", "stall"].includes(model)) ? 1_500 : 60_000;
}

/** By which a breaker that opened stays open, however slow the machine is. */
const standing: Clock = { ...systemClock, elapsed: () => 0 };

async function running(provider: Provider<never>, chain: readonly string[], run: (on: TestGateway & { sent: string[] }) => Promise<void>) {
  await using home = await temporaryHome();
  const sent: string[] = [];
  await using on = await composeTestGateway({
    ...{
      home: home.path,
      channels: [noting(sent)],
      accounts: { bot: { channel: "chat", settings: {} } },
      provider,
      stallMs: stallMs(chain),
      clock: chain.length > 1 ? standing : systemClock,
    },
    agent: { models: chain.map((model) => `test/${model}`) },
  });
  await run({ ...on, sent });
}

async function say(on: TestGateway & { sent: string[] }, text: string): Promise<readonly string[]> {
  const before = on.sent.length;
  const [received] = await on.gateway.receive("bot" as AccountId, [says(text)]);
  for (let i = 0; i < 1_000 && on.sent.length === before; i++) await new Promise((resolve) => setTimeout(resolve, 5));
  const trace = await on.store.records.trace(defaultTenant, received?.event ?? "");
  return (trace?.entries ?? []).flatMap(({ stage, reason, detail }) =>
    stage.startsWith("model-") && stage !== "model-start" ? [`${detail?.model} ${reason ?? "ok"}`] : [],
  );
}

for (const [name, provider] of Object.entries(formats) as [FormatName, () => Provider<never>][]) {
  describe(`${name}: what happens next`, { concurrency: 4 }, () => {
    for (const { does, code, asked = 1, alone, opens, asks } of rows.filter(({ only }) => only?.includes(name) ?? true)) {
      test(`${does}: ${code}, then the next model${opens ? `; left alone after ${opens}` : ""}`, () =>
        running(provider(), [does, "echo"], async (on) => {
          for (let turn = 1; turn <= (opens ?? 3) + 1; turn++) {
            const calls = await say(on, "hi");
            const isOpen = opens !== undefined && turn > opens;
            assert.deepEqual(calls, [...Array.from({ length: isOpen ? 0 : asked }, () => `${does} ${code}`), "echo ok"], `turn ${turn}`);
          }
          assert.match(on.sent[0] ?? "", /You said: hi/);
          assert.equal(on.gateway.models()[0]?.state, opens ? "failing" : "usable");
          assert.equal(on.gateway.models()[1]?.state, "usable");
        }));

      test(`${does}, with nobody behind it: ${alone}`, { timeout: 30_000 }, () =>
        running(provider(), [does], async (on) => {
          await on.gateway.receive("bot" as AccountId, [says("hi")]);
          const ended = await on.until(alone);
          assert.equal(ended.reason ?? code, code);
          if (alone !== "turn-retry") return;
          const wait = Number(ended.detail?.dueAt) - ended.at;
          assert.ok(asks === undefined ? wait <= longestFirstWait : wait >= asks, `${wait} ms`);
        }),
      );
    }

    for (const does of inTheMiddle) {
      const { code } = rows.find((row) => row.does === does && (row.only?.includes(name) ?? true)) ?? {};
      if (!code) continue;
      test(`${does} in the middle of a long answer: ${code}, and the next model goes on from there`, () =>
        running(provider(), [does, "echo"], async (on) => {
          assert.deepEqual(await say(on, long), [`${does} ${code}`, "echo ok"]);
          assert.match(on.sent[0] ?? "", /^You said: word0 word1 .+ word\d+You said: Your answer broke off here/s);
        }));

      test(`${does} in the middle of a long answer, with nobody behind it: what there is, and that it broke off`, () =>
        running(provider(), [does], async (on) => {
          assert.deepEqual(await say(on, long), [`${does} ${code}`]);
          assert.match(on.sent[0] ?? "", /^You said: word0 word1 .+ …\n\n\(My answer broke off here/s);
          await on.until("turn-done");
        }));
    }

    if (name !== "ollama")
      test("the filter in the middle of an answer: what there is is the answer, and says where it ends", () =>
        running(provider(), ["filter", "echo"], async (on) => {
          assert.deepEqual(await say(on, "hi"), ["filter ok"]);
          assert.equal(on.sent[0], "You said: hi …\n\n(My answer ends here: its provider's content filter kept the rest back.)");
        }));

    test("an answer that is as long as it may be says that it is cut off", () =>
      running(provider(), ["length", "echo"], async (on) => {
        assert.deepEqual(await say(on, "hi"), ["length ok"]);
        assert.equal(on.sent[0], "You said: hi …\n\n(My answer is cut off here: it may not be longer. Ask me to go on.)");
      }));

    test("words of an error that quote a person decide nothing", () =>
      running(provider(), ["quoting", "echo"], async (on) => {
        for (const words of hostile) assert.deepEqual(await say(on, words), ["quoting provider-refused", "echo ok"], words);
        assert.equal(on.gateway.models()[0]?.state, "usable");
      }));
  });
}

describe("the table of the docs", () => {
  const docs = readFileSync(new URL("../../docs/providers.md", import.meta.url), "utf8");
  const [, table = ""] = docs.split("## What a failure means");
  const lines = table.slice(0, table.indexOf("\n## ")).split("\n");
  const lineOf = (code: string) => lines.find((line) => line.startsWith("|") && line.includes(`| \`${code}\` |`));

  test("says what happens", () => {
    for (const { code, alone, opens } of rows) {
      const line = lineOf(code);
      assert.ok(line, `${code} stands in the table`);
      const [, , , , breaker = ""] = line.split("|").map((cell) => cell.trim());
      assert.equal(breaker, opens === undefined ? "stays closed" : opens === 1 ? "opens at once" : `opens after ${opens}`, code);
      assert.equal(errorTable[code].retryable, alone === "turn-retry", code);
      assert.equal(/then (it is tried )?again/.test(line), alone === "turn-retry", `${code}: ${line}`);
    }
  });

  test("has every code by which a model can fail, and each is tried here", () => {
    const codes = failureCodes();
    for (const known of ["provider-auth", "context-too-long", "answer-withheld", "package-missing"]) assert.ok(codes.has(known), known);
    for (const code of codes) {
      assert.ok(lineOf(code), `${code} has no row in docs/providers.md, "What a failure means"`);
      assert.ok(
        rows.some((row) => row.code === code),
        `${code} has no row here`,
      );
    }
  });
});

/** Codes that those who speak to models name besides: what the network said, in whose place they put their own. */
const notOfModels: ReadonlySet<string> = new Set(["request-invalid", "address-refused", "http-malformed", "http-too-large"]);

/** The codes `provider-…`, and every other code that stands in the source of whoever speaks to a model. */
function failureCodes(): ReadonlySet<string> {
  const source = new URL("../../src/", import.meta.url);
  const speak = ["wires", "providers", "ai-sdk"].flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, source))
      .filter((file) => file.endsWith(".ts"))
      .map((file) => new URL(`${folder}/${file}`, source)),
  );
  const files = [
    ...speak.filter(({ pathname }) => !pathname.endsWith(".test.ts")),
    new URL("core/model-http.ts", source),
    new URL("turn/model-call.ts", source),
  ];
  // Wires to platforms that people talk on lie beside those to models.
  const ofModels = (file: URL) => !file.pathname.includes("/wires/") || readFileSync(file, "utf8").includes("core/model-http.ts");
  const words = files.filter(ofModels).flatMap((file) => readFileSync(file, "utf8").match(/(?<=")[a-z]+(?:-[a-z]+)+(?=")/g) ?? []);
  const named = words.filter((word) => word in errorTable && !notOfModels.has(word));
  return new Set([...Object.keys(errorTable).filter((code) => code.startsWith("provider-")), ...named]);
}
