/**
 * Signs webhooks (https://www.standardwebhooks.com) at a target over many connections, receives what it delivers, and
 * holds the two together: how many, how late, in order, none twice, none missing.
 *
 * usage: node bench/load.ts --target <address>[,<address>…] --secret <whsec_…> [--sink-port 0] [--seconds 10] [--connections 64]
 *          [--rate <per second>] [--conversations 1000]
 */
import { createHmac } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { parseArgs } from "node:util";

export interface LoadOptions {
  /** Where webhooks go; each conversation has its own of them. */
  readonly targets: readonly string[];
  /** As the target has it: `whsec_` and base64. */
  readonly secret: string;
  readonly seconds: number;
  readonly connections: number;
  readonly conversations: number;
  /** Webhooks a second; as many as the target takes if absent. */
  readonly rate?: number;
  /** Acknowledged but not delivered at most: a target that only takes is not fast. */
  readonly backlog?: number;
}

export interface LoadFigures {
  readonly acknowledged: number;
  readonly delivered: number;
  readonly perSecond: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly missing: number;
  readonly repeated: number;
  readonly outOfOrder: number;
  /** Milliseconds from the webhook's first byte to its acknowledgement, and to the answer's arrival at the sink. */
  readonly acknowledgeMs: Quantiles;
  readonly answerMs: Quantiles;
}

export interface Quantiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Receives deliveries. The n of `#n#` in a body says which webhook it answers. */
export interface Sink {
  readonly url: string;
  hear(listener: (n: number) => void): void;
  close(): void;
}

export async function startSink(port = 0): Promise<Sink> {
  let tell: (n: number) => void = () => {};
  const server = http.createServer((request, response) => {
    let body = "";
    request.setEncoding("latin1").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      response.writeHead(200, { "content-type": "application/json" }).end('{"id":"sink"}');
      tell(Number(/#(\d+)#/.exec(body)?.[1] ?? -1));
    });
  });
  await once(server.listen(port, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`,
    hear: (listener) => {
      tell = listener;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

export async function runLoad(sink: Sink, options: LoadOptions): Promise<LoadFigures> {
  const { conversations, connections, seconds, backlog = 4 * connections } = options;
  const key = Buffer.from(options.secret.replace(/^whsec_/, ""), "base64");
  const urls = options.targets.map((target) => new URL(target));
  const url = urls[0] as URL;
  const salt = Math.random().toString(36).slice(2, 10);
  const sentAt: number[] = [];
  const acknowledge: number[] = [];
  const answer: number[] = [];
  const refused: Record<string, number> = {};
  const taken: boolean[] = [];
  const seen: boolean[] = [];
  const lastOf = new Map<number, number>();
  let acknowledged = 0;
  let delivered = 0;
  let repeated = 0;
  let outOfOrder = 0;
  let pending: (() => void)[] = [];

  sink.hear((n) => {
    if (sentAt[n] === undefined) return;
    if (seen[n]) {
      repeated++;
      return;
    }
    seen[n] = true;
    delivered++;
    answer.push(performance.now() - sentAt[n]);
    const conversation = n % conversations;
    if ((lastOf.get(conversation) ?? -1) > n) outOfOrder++;
    lastOf.set(conversation, Math.max(n, lastOf.get(conversation) ?? -1));
    pending.shift()?.();
  });

  const compose = (n: number): string => {
    const body = JSON.stringify({
      conversation: `chat-${n % conversations}`,
      sender: { id: `sender-${n % conversations}` },
      text: `#${n}# ${padding}`,
    });
    const id = `msg_${salt}_${n}`;
    const time = Math.floor(Date.now() / 1000);
    const signature = createHmac("sha256", key).update(`${id}.${time}.${body}`).digest("base64");
    return (
      `POST ${urls[(n % conversations) % urls.length]?.pathname} HTTP/1.1\r\nhost: ${url.host}\r\ncontent-type: application/json\r\nwebhook-id: ${id}\r\n` +
      `webhook-timestamp: ${time}\r\nwebhook-signature: v1,${signature}\r\ncontent-length: ${body.length}\r\n\r\n${body}`
    );
  };

  const start = performance.now();
  const end = start + seconds * 1000;
  let next = 0;
  /** Sends one after the other on one connection. A conversation keeps to its connection, so that its order is known. */
  const worker = async (index: number) => {
    const connection = await connect(url);
    for (let round = 0; ; round++) {
      // Worker i takes the conversations i, i + connections, …
      const conversation = (index + round * connections) % Math.max(connections, Math.floor(conversations / connections) * connections);
      const n = nextIn(conversation % conversations);
      const due = options.rate ? start + (next++ * 1000) / options.rate : 0;
      const wait = due - performance.now();
      if (wait > 0) await new Promise((go) => setTimeout(go, wait));
      while (acknowledged - delivered >= backlog && performance.now() < end) await new Promise<void>((go) => pending.push(go));
      if (performance.now() >= end) break;
      sentAt[n] = performance.now();
      const status = await connection.ask(compose(n));
      if (status >= 200 && status < 300) {
        acknowledged++;
        taken[n] = true;
        acknowledge.push(performance.now() - sentAt[n]);
      } else refused[status] = (refused[status] ?? 0) + 1;
    }
    connection.close();
  };
  const counters = new Map<number, number>();
  const nextIn = (conversation: number) => {
    const k = counters.get(conversation) ?? 0;
    counters.set(conversation, k + 1);
    return conversation + k * conversations;
  };
  const release = setInterval(() => {
    if (performance.now() < end) return;
    for (const go of pending) go();
    pending = [];
  }, 50);
  await Promise.all(Array.from({ length: Math.min(connections, conversations) }, (_, n) => worker(n)));
  for (let idle = 0, before = delivered; delivered < acknowledged && idle < 100; idle++) {
    await new Promise((go) => setTimeout(go, 50));
    if (delivered !== before) idle = 0;
    before = delivered;
  }
  clearInterval(release);
  const missing = taken.reduce((sum, one, n) => sum + (one && !seen[n] ? 1 : 0), 0);
  const elapsed = (performance.now() - start) / 1000;
  const perSecond = Math.round(delivered / Math.min(elapsed, seconds + 1));
  return {
    acknowledged,
    delivered,
    perSecond,
    refused,
    missing,
    repeated,
    outOfOrder,
    acknowledgeMs: quantiles(acknowledge),
    answerMs: quantiles(answer),
  };
}

/** So that a body has about 512 bytes, like a chat message with its envelope. */
const padding = "What is the weather like on the coast today, and should I take a coat? ".repeat(6).slice(0, 420);

/** One request at a time over a raw socket: the load must cost less than what it measures. */
async function connect(url: URL): Promise<{ ask(request: string): Promise<number>; close(): void }> {
  const socket = net.connect(Number(url.port), url.hostname).setNoDelay(true).setEncoding("latin1");
  await once(socket, "connect");
  let text = "";
  let resolve: (status: number) => void = () => {};
  socket.on("data", (chunk: string) => {
    text += chunk;
    const head = text.indexOf("\r\n\r\n");
    if (head < 0) return;
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(text.slice(0, head))?.[1] ?? 0);
    if (/\r\ntransfer-encoding: *chunked/i.test(text.slice(0, head)) ? !text.endsWith("0\r\n\r\n") : text.length < head + 4 + length)
      return;
    const status = Number(text.slice(9, 12));
    text = "";
    resolve(status);
  });
  socket.on("error", () => {});
  socket.on("close", () => resolve(0));
  return {
    ask: (request) => {
      return new Promise((answered) => {
        resolve = answered;
        if (socket.destroyed) answered(0);
        else socket.write(request, "latin1");
      });
    },
    close: () => socket.destroy(),
  };
}

function quantiles(values: number[]): Quantiles {
  const sorted = values.sort((a, b) => a - b);
  const at = (q: number) => Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0) * 100) / 100;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      target: { type: "string", default: "" },
      secret: { type: "string", default: "" },
      "sink-port": { type: "string", default: "0" },
      seconds: { type: "string", default: "10" },
      connections: { type: "string", default: "64" },
      conversations: { type: "string", default: "1000" },
      rate: { type: "string" },
    },
  });
  const sink = await startSink(Number(values["sink-port"]));
  console.error(`deliveries are taken at ${sink.url}`);
  const figures = await runLoad(sink, {
    targets: values.target.split(","),
    secret: values.secret,
    seconds: Number(values.seconds),
    connections: Number(values.connections),
    conversations: Number(values.conversations),
    ...(values.rate ? { rate: Number(values.rate) } : {}),
  });
  console.log(JSON.stringify(figures, null, 2));
  sink.close();
}
