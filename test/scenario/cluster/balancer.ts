import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** What stands before several gateways: each request goes to the next of them; to another when that one can't be reached. */
export interface Balancer extends AsyncDisposable {
  readonly url: string;
}

export async function startBalancer(ports: readonly number[]): Promise<Balancer> {
  let turn = 0;
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("error", () => {});
    incoming.on("end", () => pass(ports.length));
    outgoing.on("error", () => {});

    function pass(left: number): void {
      const { method, url, headers } = incoming;
      const sent = request({ host: "127.0.0.1", port: ports[turn++ % ports.length], method, path: url, headers });
      sent.on("error", (thrown: NodeJS.ErrnoException) => {
        // What may have been taken is its sender's to repeat.
        if (thrown.code === "ECONNREFUSED" && left > 1) pass(left - 1);
        else if (outgoing.headersSent) outgoing.destroy();
        else outgoing.writeHead(502).end();
      });
      sent.on("response", (answer) => {
        if (answer.statusCode === 503 && left > 1) {
          answer.resume();
          return pass(left - 1);
        }
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.on("error", () => outgoing.destroy());
        answer.pipe(outgoing);
      });
      sent.setTimeout(10_000, () => sent.destroy(new Error("too slow")));
      sent.end(Buffer.concat(chunks));
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
