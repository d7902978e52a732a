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
    gateway: z.string().optional().meta({ description: "At which gateway it lies; absent where every gateway has it." }),
  }),
);

export const BackupPlace = named(
  "BackupPlace",
  z.object({
    folder: z.string().meta({ description: "At the gateway that answers." }),
    apart: z.boolean().meta({ description: "Each of several gateways has a folder of its own: what one made, the others don't have." }),
  }),
);
