import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { readSpec, specMissing, startTelegramSimulator, type TelegramSimulator, type TelegramSimulatorOptions } from "../telegram.ts";
import { builtIn } from "./description.ts";
import { parseHtml } from "./html.ts";
import type { Recorder } from "./world.ts";

const person = 4711;

interface Answer {
  readonly ok: boolean;
  readonly result?: { readonly message_id: number; readonly text?: string } & Record<string, unknown>;
  readonly error_code?: number;
  readonly description?: string;
  readonly parameters?: { readonly retry_after: number };
}

async function call(
  simulator: TelegramSimulator,
  method: string,
  parameters: object | URLSearchParams | FormData = {},
  token = simulator.token,
): Promise<Answer> {
  const plain = !(parameters instanceof URLSearchParams || parameters instanceof FormData);
  const body = plain ? JSON.stringify(parameters) : parameters;
  const headers: Record<string, string> = plain ? { "content-type": "application/json" } : {};
  const answer = await fetch(`${simulator.url}/bot${token}/${method}`, { method: "POST", headers, body });
  return (await answer.json()) as Answer;
}

async function using(run: (simulator: TelegramSimulator) => Promise<void>, options: TelegramSimulatorOptions = {}): Promise<void> {
  const simulator = await startTelegramSimulator({ spec: readSpec(), ...options });
  simulator.world.chat(person);
  try {
    await run(simulator);
  } finally {
    await simulator.close();
  }
}

describe("HTML as the Bot API reads it", () => {
  const good: Record<string, [string, string[]]> = {
    "plain &amp; simple": ["plain & simple", []],
    "&lt;b&gt; &quot;&#65;&#x42;&quot; &nbsp; &": ['<b> "AB" &nbsp; &', []],
    "<b>bold <i>both</i></b>": ["bold both", ["bold 0+9", "italic 5+4"]],
    '👍<a href="https://example.com/?a=1&amp;b=2">link</a>': ["👍link", ["text_link 2+4 https://example.com/?a=1&b=2"]],
    '<pre><code class="language-ts">x</code></pre>': ["x", ["code 0+1 ts", "pre 0+1"]],
    "<blockquote expandable>q</blockquote>": ["q", ["expandable_blockquote 0+1"]],
    '<span class="tg-spoiler">s</span><tg-spoiler>t</tg-spoiler>': ["st", ["spoiler 0+1", "spoiler 1+1"]],
    "<B>x</b >": ["x", ["bold 0+1"]],
    "<b></b>nothing": ["nothing", []],
  };
  for (const [source, [text, entities]] of Object.entries(good)) {
    test(source, () => {
      const parsed = parseHtml(source);
      assert.ok("text" in parsed, JSON.stringify(parsed));
      assert.equal(parsed.text, text);
      const shown = parsed.entities.map(({ type, offset, length, url, language }) =>
        [type, `${offset}+${length}`, url ?? language].filter(Boolean).join(" "),
      );
      assert.deepEqual(shown.sort(), entities.sort());
    });
  }
  const bad: Record<string, string> = {
    "<table>": 'Unsupported start tag "table" at byte offset 0',
    "é <p>": 'Unsupported start tag "p" at byte offset 3',
    "<b>x": 'Can\'t find end tag corresponding to start tag "b"',
    "x</b>": "Unexpected end tag at byte offset 1",
    "<b>x</i>": 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"',
    "a < b": 'Unsupported start tag "" at byte offset 2',
    "<b": "Unclosed start tag at byte offset 0",
    "<a href>x</a>": 'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0',
    "<span>x</span>": 'Tag "span" must have class "tg-spoiler" at byte offset 0',
    "<constructor>": 'Unsupported start tag "constructor" at byte offset 0',
  };
  for (const [source, why] of Object.entries(bad)) {
    test(source, () => assert.deepEqual(parseHtml(source), { error: `can't parse entities: ${why}` }));
  }
});

describe("the Bot API simulator", () => {
  test("refuses what Telegram refuses, in its words", () =>
    using(async (simulator) => {
      simulator.say(person, person, "theirs");
      const sent = await call(simulator, "sendMessage", { chat_id: person, text: "ours" });
      const button = (callback_data: string) => ({ inline_keyboard: [[{ text: "x", callback_data }]] });
      const cases: [string, object, number, RegExp][] = [
        ["sendMessage", { chat_id: person, text: " \n " }, 400, /^Bad Request: message text is empty$/],
        ["sendMessage", { chat_id: 5, text: "x" }, 400, /^Bad Request: chat not found$/],
        ["sendMessage", { chat_id: person, text: "x".repeat(4097) }, 400, /^Bad Request: message is too long$/],
        ["sendMessage", { chat_id: person, text: "<b>", parse_mode: "HTML" }, 400, /^Bad Request: can't parse entities: /],
        ["sendMessage", { chat_id: person, text: "x", reply_markup: button("") }, 400, /BUTTON_DATA_INVALID/],
        ["sendMessage", { chat_id: person, text: "x", reply_markup: button("é".repeat(33)) }, 400, /BUTTON_DATA_INVALID/],
        ["sendMessage", { chat_id: person, text: "x", message_thread_id: 9 }, 400, /^Bad Request: message thread not found$/],
        [
          "sendMessage",
          { chat_id: person, text: "x", reply_parameters: { message_id: 99 } },
          400,
          /^Bad Request: message to be replied not found$/,
        ],
        ["editMessageText", { chat_id: person, message_id: 99, text: "x" }, 400, /^Bad Request: message to edit not found$/],
        ["editMessageText", { chat_id: person, message_id: 1, text: "x" }, 400, /^Bad Request: message can't be edited$/],
        [
          "editMessageText",
          { chat_id: person, message_id: sent.result?.message_id, text: "ours" },
          400,
          /^Bad Request: message is not modified: /,
        ],
        ["answerCallbackQuery", { callback_query_id: "1" }, 400, /query is too old/],
        ["getFile", { file_id: "x" }, 400, /wrong file_id/],
        ["setWebhook", { url: "https://example.com", secret_token: "a b" }, 400, /secret token contains unallowed characters/],
      ];
      for (const [method, parameters, code, why] of cases) {
        const answer = await call(simulator, method, parameters);
        assert.deepEqual([answer.ok, answer.error_code], [false, code], `${method} ${JSON.stringify(parameters)}`);
        assert.match(answer.description ?? "", why);
      }
      assert.deepEqual(simulator.violations, []);
      assert.equal(simulator.seen(person).length, 1);
      assert.equal(simulator.entries.filter((entry) => entry.kind === "effect").length, 1);
    }));

  test("4096 units count after the entities are parsed", () =>
    using(async (simulator) => {
      const text = `<b>${"&lt;".repeat(4096)}</b>`;
      assert.equal((await call(simulator, "sendMessage", { chat_id: person, text, parse_mode: "HTML" })).ok, true);
    }));

  for (const [name, spec] of [
    ["the published description", readSpec()],
    ["the built-in description", builtIn],
  ] as const) {
    test(`names what breaks ${name}`, { skip: spec ? false : specMissing }, () =>
      using(
        async (simulator) => {
          const broken: [string, object][] = [
            ["sendMessage", { chat_id: person }],
            ["sendMessage", { chat_id: person, text: 5 }],
            ["sendMessage", { chat_id: person, text: "x", message_thread_id: "5" }],
            ["sendMessage", { chat_id: person, text: "x", reply_to: 5 }],
            ["sendMesage", { chat_id: person, text: "x" }],
            ["getUpdates", { allowed_updates: "message" }],
          ];
          for (const [method, parameters] of broken) assert.equal((await call(simulator, method, parameters)).ok, false);
          assert.equal(simulator.violations.length, broken.length, simulator.violations.join("\n"));
          assert.equal(simulator.seen(person).length, 0);
        },
        { spec },
      ),
    );
  }

  test("reads types within parameters", { skip: specMissing }, () =>
    using(async (simulator) => {
      const text = { chat_id: person, text: "x" };
      assert.equal((await call(simulator, "sendMessage", { ...text, link_preview_options: { disabled: true } })).ok, false);
      assert.equal((await call(simulator, "sendMessage", { ...text, reply_parameters: {} })).ok, false);
      assert.equal((await call(simulator, "sendMessage", { ...text, reply_markup: { inline_keyboard: [{ text: "x" }] } })).ok, false);
      assert.equal(simulator.violations.length, 3);
    }),
  );

  test("reads forms, multipart bodies and queries like JSON", () =>
    using(async (simulator) => {
      await call(simulator, "sendMessage", new URLSearchParams({ chat_id: String(person), text: "form" }));
      const form = new FormData();
      form.set("chat_id", String(person));
      form.set("caption", "file");
      form.set("document", new Blob(["abc"]), "a.txt");
      await call(simulator, "sendDocument", form);
      await fetch(`${simulator.url}/bot${simulator.token}/sendMessage?chat_id=${person}&text=query`);
      assert.deepEqual(
        simulator.seen(person).map((message) => [message.id, message.text, message.file?.name]),
        [
          [1, "form", undefined],
          [2, "file", "a.txt"],
          [3, "query", undefined],
        ],
      );
      assert.deepEqual(simulator.violations, []);
    }));

  test("knows its token only", () =>
    using(async (simulator) => {
      assert.deepEqual(await call(simulator, "getMe", {}, "1:x"), { ok: false, error_code: 401, description: "Unauthorized" });
      assert.deepEqual(await call(simulator, "getMe", {}, "nonsense"), { ok: false, error_code: 404, description: "Not Found" });
      assert.equal((await call(simulator, "getMe")).result?.id, 123456);
    }));

  test("a dropped answer leaves its effect in the log, as unanswered", () =>
    using(async (simulator) => {
      simulator.arrange({ method: "sendMessage", what: { kind: "drop" } });
      await assert.rejects(call(simulator, "sendMessage", { chat_id: person, text: "x" }));
      const [effect] = simulator.entries;
      assert.ok(effect?.kind === "effect" && !effect.answered);
    }));

  test("a refused effect never gets into the log; limits hold when they are switched on", () =>
    using(
      async (simulator) => {
        const answers = await Promise.all(Array.from({ length: 10 }, () => call(simulator, "sendMessage", { chat_id: person, text: "x" })));
        const limited = answers.filter((answer) => answer.error_code === 429);
        assert.ok(limited.length > 0);
        for (const answer of limited) assert.ok(Number(answer.parameters?.retry_after) >= 1);
        assert.equal(simulator.entries.length, answers.length - limited.length);
      },
      { pacing: true },
    ));

  test("a recorder has the entry before anybody is answered, and is told of the answer after", async () => {
    const told: string[] = [];
    const safe = Promise.withResolvers<void>();
    const recorder: Recorder = {
      entry(logged) {
        told.push(logged.kind);
        return logged.kind === "effect" ? safe.promise : Promise.resolve();
      },
      answered: (n) => void told.push(`answered ${n}`),
    };
    await using(
      async (simulator) => {
        const sending = call(simulator, "sendMessage", { chat_id: person, text: "x" }).then(() => told.push("heard"));
        while (told.length === 0) await new Promise((resolve) => setImmediate(resolve));
        assert.deepEqual(told, ["effect"]);
        safe.resolve();
        await sending;
        assert.deepEqual(told, ["effect", "answered 1", "heard"]);
      },
      { recorder },
    );
  });

  test("a trouble may wait for one text, and is in the log", () =>
    using(async (simulator) => {
      simulator.arrange({ text: "two", what: { kind: "proxy", status: 502 } });
      assert.equal((await call(simulator, "sendMessage", { chat_id: person, text: "one" })).ok, true);
      await assert.rejects(call(simulator, "sendMessage", { chat_id: person, text: "two" }));
      assert.equal((await call(simulator, "sendMessage", { chat_id: person, text: "two" })).ok, true);
      const [, trouble] = simulator.entries;
      const { n, at: _, ...rest } = trouble as (typeof simulator.entries)[number];
      assert.deepEqual(
        { n, ...rest },
        { n: 2, kind: "trouble", method: "sendMessage", chat: person, text: "two", what: "proxy", status: 502 },
      );
    }));

  test("runs as a process of its own, driven over HTTP, with its log on disk", async () => {
    const folder = await mkdtemp(join(tmpdir(), "telegram-simulator-"));
    const log = join(folder, "log.jsonl");
    const entry = fileURLToPath(new URL("../telegram.ts", import.meta.url));
    const child = spawn(process.execPath, [entry, "--port", "0", "--log", log, "--fsync"], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      const [line] = (await once(child.stdout, "data")) as [Buffer];
      const { url, token } = JSON.parse(line.toString()) as { url: string; token: string };
      const post = async (path: string, body: object) => {
        const answer = await fetch(`${url}${path}`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        });
        return (await answer.json()) as Record<string, unknown>;
      };
      assert.deepEqual(await post("/control/say", { from: person, text: "hello" }), { message: 1 });
      await post(`/bot${token}/sendMessage`, { chat_id: person, text: "hi" });
      const seen = (await post("/control/seen", { chat: person })) as { messages: { text: string }[] };
      assert.deepEqual(
        seen.messages.map((message) => message.text),
        ["hi"],
      );
      assert.equal((await post("/control/state", {})).pending, 1);
      assert.ok((await post("/control/say", { from: "x" })).error);
      const written = (await readFile(log, "utf8")).trim().split("\n");
      assert.deepEqual(
        written.map((one) => (JSON.parse(one) as { kind: string }).kind),
        ["said", "effect"],
      );
    } finally {
      child.kill("SIGTERM");
      const [code] = await once(child, "exit");
      await rm(folder, { recursive: true });
      assert.equal(code, 0);
    }
  });
});
