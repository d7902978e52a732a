import { z } from "zod";
import { named } from "./common.ts";

const count = z.number().int();
const ms = z.number().int().meta({ description: "Milliseconds." });

export const Home = named(
  "Home",
  z.object({
    at: z.number().int().meta({ description: "When it was looked at, in milliseconds since 1970." }),
    perMinute: count.meta({ description: "Messages received within the last 60 seconds." }),
    minutes: z.array(z.object({ received: count, errors: count })).meta({
      description: "The last 60 minutes, the oldest first; the last is the one that is going on.",
    }),
    errors: count.meta({ description: "Messages without an answer, and deliveries that failed or are unknown, in the last hour." }),
    latency: z
      .object({ count, p50: ms.optional(), p95: ms.optional() })
      .meta({ description: "From a message's receipt to the first delivery of its answer, over the answers of the last hour." }),
    models: z.object({ p50: ms.optional(), p95: ms.optional() }).meta({ description: "What models took of that." }),
    today: z
      .object({
        tokens: count,
        usd: z.number().meta({ description: "US dollars, without calls whose price nobody knows." }),
        calls: count,
        unpriced: count,
      })
      .meta({ description: "Since midnight UTC." }),
    queue: z.object({
      waiting: count.meta({ description: "Messages that wait for an answer, or are being answered." }),
      sending: count.meta({ description: "Deliveries on their way." }),
      stuck: count.meta({ description: "What waits for somebody's decision." }),
    }),
    people: z
      .object({
        waiting: count.meta({ description: "Conversations that wait for somebody; 1,000 at most are counted." }),
        since: z.number().int().optional().meta({ description: "Since when the first of them does." }),
      })
      .meta({ description: "Who was handed to people, and nobody has taken yet." }),
    accounts: z.object({ ready: count, starting: count, retrying: count, refused: count, paused: count }),
  }),
);
