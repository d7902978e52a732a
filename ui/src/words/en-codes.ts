type Table = { readonly [code: string]: string };

/** Stages of the ledger, as something that happened. */
export const stages: Table = {
  received: "Received and stored",
  ignored: "Not answered",
  held: "Kept for later",
  joined: "Taken into the turn of an earlier message",
  routed: "Given to an agent",
  "turn-start": "Turn started",
  "turn-join": "Other messages became part of the turn",
  "model-start": "Asked the model",
  "model-end": "Model answered",
  "model-fail": "Model failed",
  step: "A step was over",
  tool: "Used a tool",
  file: "Fetched an attachment",
  "turn-retry": "Turn will be tried again",
  "turn-done": "Answer stored",
  "turn-fail": "Turn failed",
  "turn-cancel": "Turn cancelled",
  "delivery-queued": "Answer queued for delivery",
  "delivery-start": "Sending to the platform",
  "draft-start": "Sending the first words",
  "draft-sent": "First words shown",
  "delivery-retry": "Delivery will be tried again",
  "delivery-sent": "Accepted by the platform",
  "delivery-confirm": "Confirmed by the platform",
  "delivery-unknown": "Outcome of the delivery unknown",
  "delivery-fail": "Refused by the platform",
  "delivery-dead": "Delivery given up",
  "delivery-drop": "Delivery dropped",
};

/** Why something was or wasn't done: they end the sentence "No reply, because …". */
export const reasons: Table = {
  "own-echo": "it is an echo of what we sent ourselves",
  "sender-is-bot": "the sender is a bot",
  "sender-unpaired": "nobody has let the sender in yet",
  "sender-not-allowed": "the sender isn't on the account's list of allowed people",
  "group-not-allowed": "the group isn't on the account's list of allowed groups",
  "direct-off": "direct messages are switched off for this account",
  "group-off": "groups are switched off for this account",
  "group-not-addressed": "the assistant wasn't addressed in the group",
  "no-route": "no route leads to an agent",
  "account-removed": "its account was removed meanwhile",
  "agent-removed": "its agent was removed meanwhile",
  "nothing-to-answer": "there is nothing to answer (a reaction, an edit or a change of membership)",
  "button-expired": "the pressed button is no longer known",
  "control-human": "a human has taken the conversation over",
  "control-paused": "the conversation is paused",
  "sender-rate": "the sender wrote more in a minute than the limit allows",
  "sender-quota": "the sender has had as many answers as the limit allows in a day",
  command: "it was a command, and answered as one",
  "budget-spent": "what may be spent is used up",
  "loop-guard": "two machines seemed to answer each other, so the conversation was paused",
  interrupted: "a newer message took its place, and its turn sees this one",
  collected: "they came together",
  steered: "it came while the turn ran",
  poison: "it was set aside after its last try",
  discarded: "an operator discarded it after it was set aside",
  "channel-auth": "the platform refused the account's credential",
  "channel-permanent": "the platform refused the message",
  "channel-gone": "the conversation no longer takes messages",
  "channel-retry": "the platform asked to try again later",
  "channel-unknown": "nobody can say whether it arrived",
  "channel-unreachable": "the platform couldn't be reached",
  "provider-auth": "the model provider refused the key",
  "provider-quota": "the model provider's quota is used up",
  "provider-refused": "the model provider refused the request",
  "answer-withheld": "the provider's content filter kept the answer back",
  "package-missing": "the package that speaks to this provider isn't installed",
  "provider-unavailable": "the model provider couldn't be reached",
  "provider-malformed": "the model provider broke its own format",
  "context-too-long": "the conversation is longer than the model can take",
  "turn-failed": "the turn failed",
  "file-refused": "the attachment was refused",
  "store-unavailable": "the store didn't take it",
  fenced: "another worker took it over",
  internal: "of a bug in the gateway",
};

/** What to do about it, where something can be done. */
export const reasonHints: Table = {
  "sender-not-allowed": "To let this sender in, add the id to the people who may write, in the channel's settings.",
  "group-not-allowed": "To answer in this group, add its id to the groups in the channel's settings.",
  "direct-off": "Switch direct messages on in the channel's settings.",
  "group-off": "Switch groups on in the channel's settings.",
  "group-not-addressed": "Mention the assistant, reply to it, or switch that condition off in the channel's settings.",
  "no-route": "Add a route in the configuration that fits this conversation.",
  "control-human": "Hand the conversation back to the agent when the human is done.",
  "control-paused": "Hand the conversation back to the agent to go on.",
  "sender-rate": "Raise `limits.sender.perMinute` or `limits.sender.burst` in the configuration if that was too strict.",
  "sender-quota": "Raise `limits.sender.perDay` in the configuration if that was too strict.",
  "budget-spent": "Raise the budget with `polylogue budgets raise`, or wait until it begins anew.",
  "loop-guard": "Hand the conversation back to the agent to go on; `limits.loopTurns` sets how soon this happens.",
  "channel-auth": "Set a new credential in the channel's settings.",
  "provider-auth": "Set a valid key for the provider.",
  "provider-quota": "Raise the quota at the provider, or add another model to the agent.",
  "context-too-long": "Shorten the conversation with /reset, or choose a model with a larger context.",
};

/** Names in the details of a stage. */
export const details: Table = {
  kind: "kind",
  platformId: "platform's message",
  reported: "as billed",
  tool: "tool",
  channel: "channel",
  account: "account",
  agent: "agent",
  route: "route",
  turn: "turn",
  try: "try",
  tries: "tries",
  call: "call",
  provider: "provider",
  model: "model",
  input: "tokens in",
  cachedInput: "of these cached",
  output: "tokens out",
  usd: "cost",
  purpose: "for",
  role: "step",
  outcome: "came to",
  choice: "chosen",
  ms: "took",
  name: "name",
  ok: "succeeded",
  message: "message",
  delivery: "delivery",
  deliveries: "deliveries",
  into: "answered with",
  events: "messages",
  attempt: "attempt",
  receipt: "platform's id",
  dueAt: "next try",
  author: "author",
  why: "why",
  type: "type",
  by: "by",
};

export const storyStates = {
  queued: "Waiting",
  running: "Answering",
  done: "Answered",
  ignored: "No reply",
  failed: "Failed",
  cancelled: "Cancelled",
} as const;

export const deliveryStates = {
  streaming: "Being written",
  queued: "Waiting",
  sending: "Sending",
  sent: "Delivered",
  unknown: "Unknown",
  failed: "Refused",
  dead: "Given up",
  dropped: "Dropped",
} as const;

/** What waits for somebody's word. */
export const deadStates = {
  unknown: deliveryStates.unknown,
  failed: deliveryStates.failed,
  dead: deliveryStates.dead,
  poison: "Set aside",
} as const;

/** The same of an answer, in the flow. */
export const answerStates = {
  ...deliveryStates,
  streaming: "Sending",
  queued: "To be sent",
  unknown: "Arrived?",
  failed: "Undelivered",
  dead: "Undelivered",
  dropped: "Not sent",
} as const;

export const accountStates = {
  starting: "Starting",
  ready: "Connected",
  retrying: "Retrying",
  refused: "Refused",
  paused: "Paused",
} as const;

export const control = { agent: "Agent answers", human: "A human answers", paused: "Paused" } as const;

export const roles = { owner: "Owner", admin: "Administrator", operator: "Operator", viewer: "Viewer" } as const;
