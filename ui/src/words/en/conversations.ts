import { plural } from "./plural.ts";

export const conversations = {
  lead: "Everybody who wrote, the latest first.",
  none: "No conversations yet",
  noneHint: "They appear as soon as somebody writes on one of the channels.",
  earlier: "Earlier messages",
  reply: "Write as an operator",
  replyAgent: "The agent keeps answering too. Take over first to speak alone.",
  replyHuman: "The agent is silent in this conversation until you hand it back.",
  send: "Send",
  more: "More",
  react: (reaction: string) => `React with ${reaction}`,
  reacted: (reaction: string) => `The message has the reaction ${reaction} now`,
  unreact: "Take the reaction away",
  unreacted: "The reaction is gone",
  takeBack: "Take back",
  takeBackTitle: "Take this message back?",
  takeBackText: "It is deleted on the platform, if that still allows it, and agents no longer see it. Who has read it has read it.",
  takenBack: "The message is taken back",
  takenBackPartly: (n: number) => `Taken back, but for ${plural(n, "piece", "pieces")} of unknown outcome: look on the platform`,
} as const;
