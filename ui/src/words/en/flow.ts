import { plural } from "./plural.ts";

export const flow = {
  title: "Messages",
  list: "Messages, newest first",
  live: "Live",
  pause: "Pause",
  resume: "Resume",
  paused: "Paused",
  waiting: (n: number) => (n >= 50 ? "50 or more new messages" : plural(n, "new message", "new messages")),
  byAccount: "Account",
  byState: "State",
  allAccounts: "All accounts",
  allStates: "All states",
  noMatch: "No message fits this choice",
  showAll: "Show all messages",
  emptyTitle: "No messages yet",
  emptyHint: "Talk to the assistant right here to see how a message travels, or connect the platform on which people write to you.",
  tryIt: "Talk to the assistant",
} as const;

export const outcome = {
  ignored: (reason: string) => `No reply, because ${reason}`,
  cancelled: (reason: string) => `The answer was cancelled, because ${reason}`,
  failed: (reason: string) => `No answer, because ${reason}`,
  noReason: "of a reason that wasn't recorded",
  queued: "Waiting for its turn",
  running: "Being answered now",
  retried: (reason: string) => `It will be tried again, because ${reason}.`,
  unknown: "Answered, but nobody can say whether the answer arrived",
  undelivered: "Answered, but the answer couldn't be delivered",
  dropped: "Answered, but the answer was dropped before it was sent",
  delivering: "Answered; the answer is on its way",
  silent: "Done, with nothing to send",
  delivered: "Answered and delivered",
  deliveredIn: (time: string) => `Answered and delivered in ${time}`,
  receipt: (ids: string) => `The platform's id: ${ids}`,
} as const;
