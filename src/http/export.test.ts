import assert from "node:assert/strict";
import { test } from "node:test";
import { answer, arrive, said } from "../../test/contract/store/fixture.ts";
import { startTestServer } from "../../test/http-server.ts";
import { defaultTenant } from "../core/ids.ts";
import { csvResponse } from "./csv.ts";

/** As RFC 4180 says it, written for this test alone. */
function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  for (let at = 0, quoted = false; at < text.length; at++) {
    const char = text[at] as string;
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[at + 1] === '"') cell += text[at++];
      else quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === ",") {
      row.push(cell);
      cell = "";
    } else if (char === "\r" && text[at + 1] === "\n") {
      rows.push([...row, cell]);
      row = [];
      cell = "";
      at++;
    } else cell += char;
  }
  assert.deepEqual([row, cell], [[], ""], "the last line ends");
  return rows;
}

const formulas = ["=1+1", "+49 30 1234", "-3", "@SUM(A1)", "\tx", "\rx", "＝cmd"];
const words = ["plain", 'a "quoted" word, and a comma', "two\nlines\r\nthree", "ünïcödé 👩‍👩‍👧‍👦", " =not at the start"];

test("every cell of the messages is the store's, and none begins like a formula", async () => {
  await using server = await startTestServer();
  const cookie = await server.setup();
  const texts = [...words, ...formulas];
  for (const [index, text] of texts.entries()) {
    const { conversation } = await arrive(server.store, said(text, { chat: { id: `c${index}`, kind: "direct" } } as never));
    if (index === 0) await answer(server.store, conversation, "an answer");
  }
  const csv = await server.ask("/api/export/messages.csv", { cookie });
  assert.match(String(csv.headers["content-type"]), /^text\/csv; charset=utf-8/);
  const [header = [], ...rows] = parseCsv(csv.text);
  const column = (name: string) => rows.map((row) => row[header.indexOf(name)]);
  assert.equal(rows.length, texts.length + 1);
  assert.ok(rows.every((row) => row.length === header.length));
  const shown = new Set(column("text"));
  for (const text of words) assert.ok(shown.has(text), JSON.stringify(text));
  for (const text of formulas) assert.ok(shown.has(`'${text}`), JSON.stringify(text));
  assert.deepEqual(
    rows.flat().filter((cell) => /^[=+\-@\t\r＝＋－＠]/.test(cell)),
    [],
  );
  const conversations = await server.store.records.conversations(defaultTenant, { limit: 200 });
  assert.deepEqual(new Set(column("conversation")), new Set(conversations.map(({ id }) => id)));
  assert.deepEqual([...new Set(column("direction"))].toSorted(), ["in", "out"]);

  const marked = await fetch(`http://127.0.0.1:${server.server.port}/api/export/conversations.csv?mark=true`, { headers: { cookie } });
  const bytes = new Uint8Array(await marked.arrayBuffer());
  assert.deepEqual([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
  const [names = [], ...lines] = parseCsv(new TextDecoder().decode(bytes));
  assert.deepEqual(lines.map((line) => line[names.indexOf("id")]).toSorted(), conversations.map(({ id }) => id as string).toSorted());
  const log = (await server.ask("/api/audit?action=export-make", { cookie })).json as unknown as readonly { readonly subject: string }[];
  assert.deepEqual(
    log.map(({ subject }) => subject),
    ["conversations", "messages"],
  );
});

test("a time and an account narrow it, and an empty one is its header", async () => {
  await using server = await startTestServer();
  const cookie = await server.setup();
  await arrive(server.store, said("one"));
  const rows = async (query: string) => parseCsv((await server.ask(`/api/export/messages.csv?${query}`, { cookie })).text).length - 1;
  assert.equal(await rows(""), 1);
  assert.equal(await rows("account=nobody"), 0);
  assert.equal(await rows("to=1000"), 0);
  assert.equal(await rows(`from=${Date.now() + 86_400_000_000}`), 0);
  assert.equal((await server.ask("/api/export/messages.csv?from=yesterday", { cookie })).status, 400);
  assert.equal((await server.ask("/api/export/messages.csv")).status, 401);
});

test("a reader who stands still is read nothing ahead for; once he is gone, what was open for him is closed", async () => {
  const taken = { pages: 0, closed: false };
  async function* pages() {
    try {
      // Empty ones, too: a narrow time leaves many of them, one behind the other.
      for (; taken.pages < 100_000; taken.pages++) yield taken.pages % 1_000 === 0 ? [[`row ${taken.pages}`]] : [];
    } finally {
      taken.closed = true;
    }
  }
  const reader = csvResponse("a.csv", ["text"], pages(), { mark: false, failed: (cause) => assert.fail(String(cause)) }).body?.getReader();
  const read = async () => new TextDecoder().decode((await reader?.read())?.value);
  assert.equal(await read(), "text\r\n");
  assert.equal(await read(), "row 0\r\n");
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(taken.pages <= 2_000, `${taken.pages} pages were asked for`);
  assert.equal(await read(), "row 1000\r\n");
  await reader?.cancel();
  assert.equal(taken.closed, true);
});

test("what keeps the next page from being had is told to who can end the connection, and not to the reader", async () => {
  const told: unknown[] = [];
  async function* pages() {
    yield [["row"]];
    throw new Error("the store is away");
  }
  const text = await csvResponse("a.csv", ["text"], pages(), { mark: false, failed: (cause) => told.push(cause) }).text();
  assert.equal(text, "text\r\nrow\r\n");
  assert.deepEqual(told.map(String), ["Error: the store is away"]);
});

test("many messages come page by page, in order; who goes away in the middle is asked for no more", async () => {
  await using server = await startTestServer();
  const cookie = await server.setup();
  for (let n = 0; n < 4_500; n++) await arrive(server.store, said(`message ${n}`));
  const [header = [], ...rows] = parseCsv((await server.ask("/api/export/messages.csv", { cookie })).text);
  assert.deepEqual(
    rows.map((row) => row[header.indexOf("text")]),
    Array.from({ length: 4_500 }, (_, n) => `message ${n}`),
  );
  const gone = new AbortController();
  const response = await fetch(`http://127.0.0.1:${server.server.port}/api/export/messages.csv`, {
    headers: { cookie },
    signal: gone.signal,
  });
  await response.body?.getReader().read();
  gone.abort();
  assert.equal((await server.ask("/api/me", { cookie })).status, 200, "the gateway goes on");
});
