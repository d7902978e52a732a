import { z } from "zod";
import { Instant, named } from "./common.ts";

export const Backup = named(
  "Backup",
  z.object({
    id: z.string(),
    createdAt: Instant,
    version: z.string().meta({ description: "Of the gateway that made it." }),
    messages: z.number().int(),
    files: z.number().int(),
    bytes: z.number().int(),
    automatic: z.boolean().meta({ description: "Made by itself; only these are removed by themselves." }),
  }),
);
