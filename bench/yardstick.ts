/**
 * The path in one file: a signed webhook, durable before it is acknowledged, an in-order turn per chat with a model of 50
 * chunks, a durable answer, the send, a durable receipt. No routes, retries, ledger or recovery: it says what this
 * runtime can do on this machine at most.
 * usage: node bench/yardstick.ts <database file> <address to send to> <secret> [chat completions address]
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { buffer } from "node:stream/consumers";
import { createParser } from "eventsource-parser";
import { Agent, request as call } from "undici";

const [file = ":memory:", sendTo = "", secret = "", modelAt] = process.argv.slice(2);
const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
const agent = new Agent({ connections: 1024 });
const database = new DatabaseSync(file);
database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
  CREATE TABLE event (id TEXT PRIMARY KEY, chat TEXT NOT NULL, text TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0) STRICT;
  CREATE TABLE delivery (event TEXT PRIMARY KEY, chat TEXT NOT NULL, text TEXT NOT NULL, receipt TEXT) STRICT;`);
const insertEvent = database.prepare("INSERT INTO event (id, chat, text) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
const endEvent = database.prepare("UPDATE event SET done = 1 WHERE id = ?");
const insertDelivery = database.prepare("INSERT INTO delivery (event, chat, text) VALUES (?, ?, ?)");
const endDelivery = database.prepare("UPDATE delivery SET receipt = ? WHERE event = ?");
const begin = database.prepare("BEGIN IMMEDIATE");
const commit = database.prepare("COMMIT");

/** Group commit: whatever asks within one tick of the event loop, at most 64, shares one fsync. */
const batch: { write: () => boolean; done: (changed: boolean) => void }[] = [];
function durable(write: () => boolean): Promise<boolean> {
  return new Promise((done) => {
    if (batch.push({ write, done }) === 1) setImmediate(flush);
    else if (batch.length === 64) flush();
  });
}
function flush(): void {
  const work = batch.splice(0);
  if (work.length === 0) return;
  begin.run();
  const changed = work.map(({ write }) => write());
  commit.run();
  for (const [n, { done }] of work.entries()) done(changed[n] as boolean);
}
const run = (statement: typeof endEvent, ...values: SQLInputValue[]) => Number(statement.run(...values).changes) > 0;

/** One turn at a time in each chat, in the order of arrival; chats side by side. */
const lanes = new Map<string, Promise<void>>();
function inOrder(chat: string, work: () => Promise<void>): void {
  const next = (lanes.get(chat) ?? Promise.resolve()).then(work);
  lanes.set(chat, next);
  void next.then(() => lanes.get(chat) === next && lanes.delete(chat));
}

async function turn(id: string, chat: string, question: string): Promise<void> {
  let answer = "";
  for await (const chunk of modelAt ? streamed(modelAt, question) : inProcess(question)) answer += chunk;
  await durable(() => run(endEvent, id) && run(insertDelivery, id, chat, answer));
  const receipt = await (await post(sendTo, { conversation: chat, text: answer })).body.text();
  await durable(() => run(endDelivery, receipt, id));
}

async function* inProcess(question: string): AsyncGenerator<string> {
  yield question;
  for (let n = 1; n < 50; n++) yield ` word${n}`;
}

async function* streamed(url: string, question: string): AsyncGenerator<string> {
  const { body } = await post(url, { model: "chunks-50", stream: true, messages: [{ role: "user", content: question }] });
  const ready: string[] = [];
  const wordOf = (data: string): string => (data === "[DONE]" ? "" : (JSON.parse(data).choices[0]?.delta.content ?? ""));
  const parser = createParser({ onEvent: ({ data }) => ready.push(wordOf(data)) });
  for await (const bytes of body) {
    parser.feed(bytes.toString());
    yield* ready.splice(0);
  }
}

const headers = { "content-type": "application/json" };
const post = (url: string, value: unknown) => call(url, { dispatcher: agent, method: "POST", headers, body: JSON.stringify(value) });

function signed(headers: http.IncomingHttpHeaders, body: Buffer): boolean {
  const time = headers["webhook-timestamp"];
  const wanted = createHmac("sha256", key).update(`${headers["webhook-id"]}.${time}.`).update(body).digest();
  const given = Buffer.from(String(headers["webhook-signature"]).replace(/^v1,/, ""), "base64");
  return Math.abs(Date.now() / 1000 - Number(time)) < 300 && given.length === wanted.length && timingSafeEqual(given, wanted);
}

const server = http.createServer(async (request, response) => {
  const body = await buffer(request);
  if (!signed(request.headers, body)) return void response.writeHead(401).end();
  const { conversation: chat, text } = JSON.parse(body.toString()) as { conversation: string; text: string };
  const id = String(request.headers["webhook-id"]);
  const fresh = await durable(() => run(insertEvent, id, chat, text));
  response.writeHead(202).end();
  if (fresh) inOrder(chat, () => turn(id, chat, text));
});
server.listen(0, "127.0.0.1", () => console.log(`ready http://127.0.0.1:${(server.address() as AddressInfo).port}/`));
