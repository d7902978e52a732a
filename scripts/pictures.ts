/**
 * Renews the pictures in docs/images: a gateway with a made-up shop's conversations, looked at in a real browser.
 *
 * usage: npm run pictures
 */
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { browserMissing, closeBrowser, openWindow } from "../test/browser/support/browser.ts";
import { setUp, signIn } from "../test/browser/support/story.ts";
import { startGatewayProcess, temporaryHome } from "../test/gateway-process.ts";

const secret = Buffer.from("0123456789abcdef0123456789abcdef");
const folder = fileURLToPath(new URL("../docs/images/", import.meta.url));

/** Who writes what, and what the shop's assistant answers. */
const talk: readonly (readonly [person: string, question: string, answer: string])[] = [
  [
    "Ada Bergström",
    "My parcel hasn't arrived yet. Order 4711.",
    "It left our warehouse on Tuesday and is due **tomorrow by noon**. Shall I send you a message when it is at the door?",
  ],
  ["Kofi Mensah", "Do you ship to Ghana?", "Yes: to Accra and Kumasi within 6 to 9 days, for 24 €."],
  ["Lucía Vega", "¿Tienen la chaqueta en azul?", "Sí, en azul hay S, M y L, y las tres están en el almacén."],
  [
    "Jonas Weber",
    "Can I change the delivery address?",
    "Until it is packed, yes. Your order 4698 is still being picked: tell me the new address.",
  ],
  [
    "Sofia Rossi",
    "The jacket is too small, how do I return it?",
    "Use the label in the parcel within 30 days. The money is back two days after it arrives.",
  ],
  ["Liam O'Brien", "Is the waterproof one available in XL?", "XL is sold out until the 12th. I can tell you when it is back."],
  ["Ada Bergström", "Yes please. And can I talk to somebody about the invoice?", "I have noted both. A colleague looks at the invoice."],
];

async function listening(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** https://platform.openai.com/docs/api-reference/chat-streaming, with the answer that the talk has for what was said last. */
function modelServer(): Server {
  return createServer(async (request, response) => {
    const body = await bodyOf(request);
    const answer = talk.findLast(([, question]) => body.includes(JSON.stringify(question).slice(1, -1)))?.[2] ?? "";
    response.writeHead(200, { "content-type": "text/event-stream" });
    const base = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "gpt-5-mini" };
    const send = (data: object) => response.write(`data: ${JSON.stringify({ ...base, ...data })}\n\n`);
    for (const word of answer.split(/(?<= )/)) {
      send({ choices: [{ index: 0, delta: { content: word }, finish_reason: null }] });
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    send({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
    send({ choices: [], usage: { prompt_tokens: 420, completion_tokens: 60, total_tokens: 480 } });
    response.end("data: [DONE]\n\n");
  });
}

const cleanUps: (() => unknown)[] = [];
const t = { after: (clean: () => unknown) => cleanUps.unshift(clean) } as unknown as TestContext;

if (browserMissing) throw new Error(browserMissing);
const [model, sink] = [modelServer(), createServer((_, response) => response.writeHead(204).end())];
const home = await temporaryHome();
try {
  const deliverTo = await listening(sink);
  const gateway = await startGatewayProcess({
    home: home.path,
    env: { SHOP_SECRET: `whsec_${secret.toString("base64")}` },
    configuration: {
      providers: { main: { kind: "openai-compatible", baseUrl: `${await listening(model)}/v1` } },
      accounts: { shop: { channel: "webhook", secret: "${SHOP_SECRET}", deliverTo } },
      agents: { support: { instructions: "You answer for a shop of outdoor clothes.", models: ["main/gpt-5-mini"] } },
      routes: [{ agent: "support" }],
    },
  });
  cleanUps.push(() => gateway.kill());
  for (const [index, [name, text]] of talk.entries()) {
    const id = `evt_${index}`;
    const at = Math.floor(Date.now() / 1000);
    const body = JSON.stringify({ conversation: name, title: name, sender: { id: name, name }, text });
    const signature = createHmac("sha256", secret).update(`${id}.${at}.${body}`).digest("base64");
    const headers = {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": `${at}`,
      "webhook-signature": `v1,${signature}`,
    };
    const answered = await fetch(`${gateway.url}/hooks/shop`, { method: "POST", headers, body });
    if (answered.status !== 202) throw new Error(await answered.text());
    await new Promise((resolve) => setTimeout(resolve, 1_200));
  }
  for (const scheme of ["light", "dark"] as const) {
    const { page } = await openWindow(t, { width: 1280, height: 760, scheme });
    await (scheme === "light" ? setUp : signIn)(page, gateway.url);
    const take = async (name: string) => {
      await page.waitForTimeout(name.startsWith("takeover") ? 8_000 : 1_500);
      await page.screenshot({ path: `${folder}${name}.png` });
    };
    if (scheme === "light") {
      await take("home");
      await page.goto(`${gateway.url}/conversations`);
      await page.getByRole("list", { name: "Conversations" }).getByRole("link").first().click();
      await page.getByText("I have noted both").first().waitFor();
      await take("conversations");
      await page.getByRole("link", { name: "Trace" }).last().click();
      await take("trace");
    } else {
      await page.goto(`${gateway.url}/conversations`);
      await page.getByRole("list", { name: "Conversations" }).getByRole("link").first().click();
      await page.getByRole("button", { name: "Take over" }).click();
      await page.getByRole("button", { name: "Hand back" }).waitFor();
      await take("takeover-dark");
    }
  }
} finally {
  for (const clean of cleanUps) await clean();
  await closeBrowser();
  await home[Symbol.asyncDispose]();
  for (const server of [model, sink]) {
    server.closeAllConnections();
    server.close();
  }
}
