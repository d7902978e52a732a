import { plural } from "./plural.ts";

export const home = {
  figures: "Figures",
  perMinute: "Messages a minute",
  trend: (n: number) => `The last hour, minute by minute: ${plural(n, "message", "messages")}`,
  latency: "Answered in",
  noAnswers: "no answers in the last hour",
  slowest: (time: string) => `95 %: ${time}`,
  models: (time: string) => `models ${time}`,
  errors: "Errors",
  lastHour: "in the last hour",
  queue: "Queue",
  underWay: (waiting: number, sending: number) => `${waiting} to answer, ${sending} to send`,
  stuck: (n: number) => `${n} to decide`,
  channels: "Channels",
  ready: (ready: string, all: string) => `${ready} of ${all}`,
  notReady: (n: number) => `${n} out of order`,
  paused: (n: number) => `${n} paused`,
  allReady: "all accounts are ready",
  today: "Today (UTC)",
  tokens: (n: string) => `${n} tokens`,
  unpriced: (n: number) => plural(n, "call has no price", "calls have no price"),
} as const;
