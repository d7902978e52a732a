import { plural } from "./plural.ts";

export const trace = {
  title: "Trace",
  unknown: "Nothing is known of this id",
  unknownHint: (id: string) => `${id} is no event, message, turn or delivery of ours, and no platform's message that we have seen.`,
  openConversation: "Open conversation",
  openTurn: "Open the message it is answered with",
  stages: "What happened",
  after: (time: string) => `+${time}`,
  messages: "Messages",
  deliveries: (n: number) => (n === 1 ? "Delivery" : "Deliveries"),
  ids: "Ids",
  letIn: (who: string) => `Let ${who} write`,
  letInGroup: "Answer in this group from now on",
  letInDone: "Allowed: the next message will be answered",
  letInAlready: "Meanwhile it is allowed: the next message will be answered.",
  idOf: { trace: "Trace", platformEvent: "Platform's event", account: "Account", chat: "Chat", thread: "Thread" },
  repeats: (n: number) => `The platform sent it ${plural(n, "more time", "more times")}; it was answered once.`,
} as const;
