/**
 * The gateway as `polylogue start` runs it, with the yardstick's model in it instead of the demonstration: the question
 * and 49 words, in 50 chunks, from memory. What is left between the two is then the gateway.
 *
 * usage: POLYLOGUE_HOME=<folder> node bench/gateway.ts
 */
import { z } from "zod";
import { ok } from "../src/core/errors.ts";
import { defineProvider } from "../src/core/provider.ts";
import { allKinds } from "../src/kinds.ts";
import { dataFolder } from "../src/places.ts";
import { startGateway } from "../src/start.ts";

const chunks = defineProvider({
  kind: "demo",
  name: "50 chunks from memory",
  settings: z.object({ delayMs: z.number().optional() }),
  async *stream(_account, { messages }) {
    const last = messages.at(-1);
    const said = last?.role === "user" ? last.content.flatMap((part) => (part.type === "text" ? part.text : [])).join("\n") : "";
    yield { type: "text", delta: said };
    for (let n = 1; n < 50; n++) yield { type: "text", delta: ` word${n}` };
    yield { type: "end", reason: "stop", usage: { input: 100, cachedInput: 0, output: 50, reported: true } };
  },
  models: async () => ok(["demo"]),
});

const all = allKinds();
const started = await startGateway({
  home: dataFolder(process.env),
  version: "bench",
  environment: process.env,
  host: "127.0.0.1",
  port: 0,
  kinds: { ...all, provider: async (kind) => (kind === "demo" ? chunks : all.provider(kind)) },
});
if (!started.ok) throw new Error(started.fault.message, { cause: started.fault.cause });
console.log(`ready ${started.value.address}`);
process.once("SIGTERM", () => void started.value.stop());
