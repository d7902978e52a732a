export const find = {
  title: "Why no answer?",
  lead: "Find a message by who wrote it, when, and what it said; each leads to everything that became of it.",
  sender: "Sender",
  text: "Words",
  account: "Account",
  from: "From",
  to: "To",
  search: "Find messages",
  none: "No message is like that",
  noneHint: "Give fewer words, another name or more time. What retention has dropped can't be found.",
} as const;
