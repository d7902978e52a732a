import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { many, standOf } from "../stand.ts";

/** A program of one's own, which drops what it has already. */
export default standOf(80, async (count, hooks) => {
  const key = Buffer.alloc(32, 7);
  const chats = many(count, (index) => `c${index}`);
  const taken = new Set<string>();
  const texts = new Map(chats.map((chat): [string, string[]] => [chat, []]));
  const troubles: ("refuse" | "forget")[] = [];
  let said = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (request.method !== "POST") return void response.writeHead(204).end();
      const trouble = troubles.shift();
      if (trouble === "refuse") return void response.writeHead(503, { "retry-after": "1" }).end();
      const body = JSON.parse(Buffer.concat(chunks).toString()) as { conversation: string; plain: string };
      const id = String(request.headers["webhook-id"]);
      if (!taken.has(id)) texts.get(body.conversation)?.push(body.plain);
      taken.add(id);
      if (trouble === "forget") return void response.destroy();
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    ...{ chats, violations: [], exact: true },
    account: {
      ...{ secret: `whsec_${key.toString("base64")}`, deliverTo: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in` },
      ...{ streaming: "off" },
    },
    async say(chat, text) {
      const id = `said-${++said}`;
      const body = JSON.stringify({ conversation: chat, sender: { id: `u-${chat}` }, text });
      await untilTaken(() => {
        const seconds = Math.floor(Date.now() / 1000);
        const mac = createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64");
        const headers = {
          "content-type": "application/json",
          "webhook-id": id,
          "webhook-timestamp": String(seconds),
          "webhook-signature": `v1,${mac}`,
        };
        return fetch(`${hooks}/webhook`, { method: "POST", headers, body });
      });
    },
    seen: (chat) => texts.get(chat) ?? [],
    disturb() {
      troubles.push("refuse", "forget");
      return { whole: 1 };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
});

/** As platforms post: again until it is taken. */
async function untilTaken(post: () => Promise<Response>): Promise<void> {
  for (;;) {
    const status = await post().then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      () => 0,
    );
    if (status >= 200 && status < 300) return;
    if (status >= 400 && status < 500 && status !== 429) throw new Error(`the gateway refused an event with ${status}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
