import { z } from "zod";
import { figureKeys } from "../../core/figures.ts";
import { named } from "./common.ts";

const n = z.number().int();
const day = z.iso.date();

export const AnalyticsQuery = z.strictObject({
  from: day.meta({ description: "The first day, in `zone`." }),
  to: day.meta({ description: "The last day; at most 366 in all." }),
  zone: z.string().max(64).default("UTC").meta({ description: "A time zone by its IANA name, e.g. Europe/Berlin." }),
  by: z.enum(figureKeys).default("account").meta({ description: "What `groups` are." }),
  account: z.string().max(63).optional(),
  channel: z.string().max(63).optional(),
  agent: z.string().max(63).optional(),
});

const figures = {
  received: n.meta({ description: "Messages of people that were stored. They have no agent yet." }),
  turns: n.meta({ description: "Messages that an agent took up." }),
  answered: n.meta({ description: "Of these, those whose answer began to arrive on the platform." }),
  people: n.meta({ description: "Messages of operators that arrived." }),
  failed: n.meta({ description: "Turns and deliveries that failed for good, or of which nobody knows." }),
  periods: n.meta({ description: "Conversation periods that ended." }),
  resolved: n.meta({ description: "Of these, those that an agent ended alone." }),
  handed: n.meta({ description: "Those in which people spoke, or were called." }),
  reopened: n.meta({ description: "Those after which somebody wrote again within seven days." }),
  p50: n.optional().meta({ description: "Milliseconds from a message to the beginning of its answer: half took at most so long." }),
  p95: n.optional().meta({ description: "The same of 95 %." }),
};

export const FigureSums = named("FigureSums", z.object(figures));

export const Analytics = named(
  "Analytics",
  z.object({
    behind: z.boolean().meta({ description: "Not all that is stored is counted yet." }),
    total: FigureSums,
    days: z.array(z.object({ day, ...figures })),
    hours: z.array(z.array(n)).meta({ description: "Messages received: seven weekdays from Monday, with 24 hours each." }),
    groups: z.array(z.object({ of: z.string(), ...figures })),
  }),
);
