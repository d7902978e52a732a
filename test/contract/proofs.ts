/** What `channelContract` shows of a channel; a channel for which one doesn't run says why in its proof. */
export const contractCases = {
  samples: "what the platform's documentation shows of its events becomes the right ones of ours",
  forged: "a request that somebody else signed, or nobody, or whose bytes were changed, is refused; without a key every one is",
  stale: "a genuine request that is sent again later is refused",
  described: "every call fits the platform's published description",
  limited: "a limit is waited for",
  refused: "a void credential is told from other refusals",
  gone: "a chat that takes nothing more is told from other refusals",
  "cut off": "a connection that breaks before or after the effect leaves no wrong certainty",
  repeated: "the same delivery sent again is seen once",
  growing: "an answer that grows by edits is read whole, once",
  "two accounts": "two accounts at once hear and say only what is theirs",
  reconnected: "after a broken connection nothing is lost, repeated or turned round",
  restarted: "a stop between any two events loses none of them",
} as const;

export type ContractCase = keyof typeof contractCases;

export interface Proof {
  /** 1: our stand-in of the platform; 2: the platform's published description, too; 3: a real server. */
  readonly level: 1 | 2 | 3;
  /** What we did not write that the channel is held against; with level 1, what we had to rest on. */
  readonly against: string;
  /** The cases that don't run, and why. */
  readonly without?: Readonly<Partial<Record<ContractCase, string>>>;
}

const noSocket = "it takes webhooks only: the platform sends again what it got no 2xx for";
const noWebhook = "it takes no webhooks";
const noDescription = "there is no machine-readable description";
const noEdit = "the platform has no edits of what was sent";
const ownPage = "it is our own page";
const ownStore = "sending is a write into the store, which the page reads";
const noKey = "the platform takes no key of ours: an unknown outcome is `onUnknown`'s";

/** By kind. The channel's own test is held to this, and the table of docs/channels.md is made of it. */
export const proofs: Readonly<Record<string, Proof>> = {
  discord: { level: 2, against: "Discord's OpenAPI description; the gateway by its documentation" },
  email: {
    level: 3,
    against: "Postfix and Dovecot",
    without: {
      samples: "a message is RFC 5322's: see its table of mails",
      forged: noWebhook,
      stale: noWebhook,
      described: noDescription,
      growing: noEdit,
      repeated: noKey,
    },
  },
  instagram: {
    level: 1,
    against: "the pages of the Instagram API and of the Messenger Platform",
    without: { described: noDescription, growing: noEdit, repeated: noKey, reconnected: noSocket, restarted: noSocket },
  },
  irc: {
    level: 3,
    against: "ngIRCd, and InspIRCd with Anope",
    without: {
      samples: "lines are RFC 1459's and IRCv3's: see its tables",
      forged: noWebhook,
      stale: noWebhook,
      described: noDescription,
      growing: noEdit,
      repeated: noKey,
    },
  },
  matrix: {
    level: 3,
    against: "Synapse; the specification's OpenAPI description",
    without: { samples: "events are read from the real server, and by the tables of its test", forged: noWebhook, stale: noWebhook },
  },
  messenger: {
    level: 1,
    against: "the pages of the Messenger Platform",
    without: { described: noDescription, growing: noEdit, repeated: noKey, reconnected: noSocket, restarted: noSocket },
  },
  mattermost: {
    level: 2,
    against: "Mattermost's OpenAPI description; the socket by the server's source",
    without: { stale: "Mattermost signs no press and gives it no time; a repeat is dropped by its trigger_id" },
  },
  signal: {
    level: 2,
    against: "the OpenAPI description of signal-cli-rest-api; signal-cli's daemon by its manual and sources",
    without: {
      forged: noWebhook,
      stale: noWebhook,
      growing: "Signal takes ten edits of a message: an answer isn't streamed by them",
      repeated: noKey,
    },
  },
  rocketchat: {
    level: 2,
    against: "Rocket.Chat's OpenAPI description; the socket by the server's source",
    without: { stale: "an outgoing integration sends a shared secret and no time; a repeat is dropped by its message_id" },
  },
  slack: {
    level: 2,
    against: "Slack's OpenAPI and AsyncAPI descriptions (2021); newer methods by their pages",
    without: { repeated: noKey },
  },
  teams: {
    level: 2,
    against: "the Bot Framework connector's Swagger description; keys and tokens by its pages",
    without: {
      repeated: noKey,
      reconnected: "it takes webhooks only: Teams posts again what isn't answered in 15 s, and promises no more",
      restarted: "it takes webhooks only: an activity is answered when it is stored",
    },
  },
  telegram: {
    level: 2,
    against: "a description of the Bot API that is generated from its documentation",
    without: { stale: "Telegram sends a shared secret and no time; a repeat is dropped by its update_id", repeated: noKey },
  },
  twilio: {
    level: 2,
    against: "Twilio's OpenAPI description; its libraries' test vectors for signatures",
    without: { stale: "Twilio signs no time; a repeat is dropped by its MessageSid", growing: noEdit, repeated: noKey },
  },
  webchat: {
    level: 3,
    against: "Chromium",
    without: {
      samples: ownPage,
      described: ownPage,
      forged: "the browser's session is its key: see the browser tests",
      stale: noWebhook,
      limited: ownStore,
      refused: ownStore,
      gone: ownStore,
      "cut off": ownStore,
      growing: "an answer grows block by block",
      "two accounts": ownStore,
      reconnected: "its page reconnects: see the browser tests",
      restarted: "what a visitor says is stored before it is answered",
    },
  },
  webhook: {
    level: 2,
    against: "the test vectors of Standard Webhooks",
    without: {
      described: "the receiver is your own program",
      growing: "a message is posted once, whole",
      reconnected: noSocket,
      restarted: noSocket,
    },
  },
  whatsapp: {
    level: 2,
    against: "Meta's OpenAPI description of the Cloud API (v23.0); webhooks by their pages",
    without: { growing: noEdit, repeated: noKey, reconnected: noSocket, restarted: noSocket },
  },
  xmpp: {
    level: 3,
    against: "Prosody and ejabberd",
    without: {
      samples: "stanzas are read from the real servers, and by the tables of its test",
      forged: noWebhook,
      stale: noWebhook,
      described: noDescription,
      repeated: "what an archive has is not sent again, but not every server has one",
    },
  },
};
