import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { startMessagingSimulator } from "../../simulators/messaging.ts";
import { startTeamsSimulator } from "../../simulators/teams.ts";
import { startTwilioSimulator } from "../../simulators/twilio.ts";
import { startWhatsAppSimulator } from "../../simulators/whatsapp.ts";
import { common, many, type OpenStand } from "./stand.ts";

/** Platforms that post their events to the gateway. */

/** A program of one's own, which drops what it has already. */
export const webhook: OpenStand = async (count, hooks) => {
  const key = Buffer.alloc(32, 7);
  const chats = many(count, (index) => `c${index}`);
  const taken = new Map<string, { chat: string; text: string }>();
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
      taken.set(String(request.headers["webhook-id"]), { chat: body.conversation, text: body.plain });
      if (trouble === "forget") return void response.destroy();
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    ...{ kind: "webhook", chats, violations: [], exact: true },
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
    seen: (chat) => [...taken.values()].filter((one) => one.chat === chat).map(({ text }) => text),
    disturb() {
      troubles.push("refuse", "forget");
      return { whole: 1 };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

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

export const whatsapp: OpenStand = async (count, hooks) => {
  const simulator = await startWhatsAppSimulator();
  simulator.requestUrl = `${hooks}/whatsapp`;
  const { accessToken, appSecret, verifyToken, phoneNumberId, url: apiRoot } = simulator;
  return {
    ...{ kind: "whatsapp", chats: many(count, (index) => `1650555${String(index).padStart(4, "0")}`), violations: simulator.violations },
    account: { ...common, accessToken, appSecret, verifyToken, phoneNumberId, apiRoot },
    say: (chat, text) => void simulator.say(chat, text),
    taken: () => simulator.taken(),
    // People are written to by the id that the webhook named.
    seen: (chat) => simulator.seen(`US.${chat}`),
    disturb() {
      simulator.arrange({ kind: "refuse", status: 400, code: 131_056 });
      simulator.arrange({ kind: "cut" });
      simulator.arrange({ kind: "cut", after: true });
      return { whole: 1 };
    },
    close: () => simulator.close(),
  };
};

const page =
  (kind: "messenger" | "instagram"): OpenStand =>
  async (count, hooks) => {
    const simulator = await startMessagingSimulator(kind);
    simulator.requestUrl = `${hooks}/${kind}`;
    const { accessToken, appSecret, verifyToken, self, url: apiRoot } = simulator;
    return {
      ...{ kind, chats: many(count, (index) => String(4_400_000_000_000 + index)), violations: simulator.violations },
      account: { ...common, accessToken, appSecret, verifyToken, [kind === "messenger" ? "pageId" : "accountId"]: self, apiRoot },
      say: (chat, text) => void simulator.say(chat, text),
      taken: () => simulator.taken(),
      seen: (chat) => simulator.seen(chat),
      disturb() {
        simulator.arrange({ kind: "refuse", status: 400, code: 613 });
        simulator.arrange({ kind: "proxy", status: 502, after: true });
        return { whole: 1 };
      },
      close: () => simulator.close(),
    };
  };
export const messenger = page("messenger");
export const instagram = page("instagram");

export const teams: OpenStand = async (count, hooks) => {
  const simulator = await startTeamsSimulator();
  simulator.requestUrl = `${hooks}/teams`;
  return {
    ...{ kind: "teams", chats: many(count, (index) => `a:chat-${index}`), violations: simulator.violations },
    account: { ...common, ...simulator.settings },
    async say(chat, text) {
      await simulator.say(chat, `29:${chat}`, text);
    },
    seen: (chat) => simulator.seen(chat).map(({ text }) => text),
    disturb() {
      simulator.arrange({ kind: "cut" });
      simulator.arrange({ kind: "cut", after: true });
      return { whole: 1 };
    },
    close: () => simulator.close(),
  };
};

/** Twilio posts once; what nobody took is found in its list, behind what was said meanwhile. */
export const twilio: OpenStand = async (count, hooks) => {
  const simulator = await startTwilioSimulator({ callbacks: true });
  simulator.webhookUrl = `${hooks}/twilio`;
  return {
    ...{
      kind: "twilio",
      chats: many(count, (index) => `whatsapp:+1555222${String(index).padStart(4, "0")}`),
      violations: simulator.violations,
    },
    ...{ reorders: true },
    account: { ...common, ...simulator.settings },
    say: (from, text) => void simulator.say(text, { from, ago: 150_000 }),
    seen: (chat) => simulator.seen(chat).map(({ body }) => body),
    disturb() {
      simulator.arrange({ kind: "cut" });
      simulator.arrange({ kind: "cut", after: true });
      return { whole: 1 };
    },
    close: () => simulator.close(),
  };
};
