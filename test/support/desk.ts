import { createHmac } from "node:crypto";
import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** What the gateway posted to it. */
export interface Arrived {
  /** The delivery's id: the same when it is posted again. */
  readonly id: string;
  readonly conversation: string;
}

/** The other side of a webhook account: signs and posts events, and takes what the gateway delivers. */
export interface Desk extends AsyncDisposable {
  /** For `accounts.desk`. */
  readonly account: object;
  /** Resolves with the answer's status; rejects when the connection breaks. */
  post(
    url: string,
    event: { readonly id: string; readonly conversation: string; readonly text: string },
    account?: string,
  ): Promise<number>;
}

const key = Buffer.alloc(32, 9);

export async function openDesk(options: { readonly connections: number; readonly arrived: (message: Arrived) => void }): Promise<Desk> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections });
  const receiver = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      if (incoming.method === "POST") {
        const { conversation } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { conversation: string };
        options.arrived({ id: String(incoming.headers["webhook-id"]), conversation });
      }
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  return {
    account: {
      channel: "webhook",
      secret: `whsec_${key.toString("base64")}`,
      deliverTo: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/in`,
      access: { direct: "open" },
    },
    post(url, { id, conversation, text }, account = "desk") {
      const body = JSON.stringify({ conversation, sender: { id: "u" }, text });
      const seconds = Math.floor(Date.now() / 1000);
      const mac = createHmac("sha256", key).update(`${id}.${seconds}.`).update(body).digest("base64");
      const headers = {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": String(seconds),
        "webhook-signature": `v1,${mac}`,
      };
      return new Promise((resolve, reject) => {
        const sent = request(`${url}/hooks/${account}`, { method: "POST", agent, headers }, (answer) => {
          answer
            .once("error", reject)
            .resume()
            .once("end", () => resolve(answer.statusCode ?? 0));
        });
        sent.once("error", reject).end(body);
      });
    },
    async [Symbol.asyncDispose]() {
      agent.destroy();
      receiver.closeAllConnections();
      await new Promise((resolve) => receiver.close(resolve));
    },
  };
}
