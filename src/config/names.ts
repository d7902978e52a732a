import { z } from "zod";

/** Names of accounts, providers and agents: they appear in addresses, dotted paths and environment variables. */
export const entryName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, "must be 1 to 63 letters, digits, - or _, and begin with a letter or digit");

/** Telegram's ids are numbers, and people write them so; ours are strings everywhere. */
export const platformId = z.union([z.string().min(1).max(512), z.int()]).transform(String);

export const modelName = z.string().regex(/^[^/\s]+\/\S+$/, "must be provider/model, as in demo/demo");
