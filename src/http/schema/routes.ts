import { z } from "zod";
import { AccountKey, AnyId, named } from "./common.ts";

export const TryRoutes = named(
  "TryRoutes",
  z.strictObject({
    text: z.string().max(20_000),
    account: AccountKey.default("web").meta({ description: "The account to which it is written; its kind of channel is known." }),
    chat: AnyId.default("1").meta({ description: "The platform's id of the chat." }),
    sender: AnyId.default("1").meta({ description: "The platform's id of the sender, whoever may write." }),
    chatKind: z.enum(["direct", "group"]).default("direct"),
    routes: z
      .array(z.record(z.string(), z.unknown()))
      .max(1_000)
      .optional()
      .meta({ description: "Routes that aren't saved, in place of those that run: checked as a save checks them. For the role admin." }),
  }),
);

export const RouteTrial = named(
  "RouteTrial",
  z.object({
    route: z.number().int().optional().meta({ description: "Which route takes it, from 0; absent when none does." }),
    agent: z.string().optional(),
    reason: z.string().optional().meta({ description: "Why none does." }),
    command: z.string().optional().meta({ description: "It asks the gateway itself for something." }),
    missed: z
      .array(z.array(z.string()))
      .meta({ description: "Of each route, in order, the conditions that don't hold; the first of them is the one that decided." }),
  }),
);
