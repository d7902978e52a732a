import * as agents from "./agents.ts";
import * as alerts from "./alerts.ts";
import * as analytics from "./analytics.ts";
import * as audit from "./audit.ts";
import * as backup from "./backup.ts";
import * as channels from "./channels.ts";
import * as codes from "./codes.ts";
import * as conversations from "./conversations.ts";
import * as cost from "./cost.ts";
import * as door from "./door.ts";
import * as find from "./find.ts";
import * as findings from "./findings.ts";
import * as flow from "./flow.ts";
import * as home from "./home.ts";
import * as inbox from "./inbox.ts";
import * as models from "./models.ts";
import * as queue from "./queue.ts";
import * as settings from "./settings.ts";
import * as takeover from "./takeover.ts";
import * as talk from "./talk.ts";
import * as trace from "./trace.ts";
import * as users from "./users.ts";

/** Everything that the app says, in English. Another language is one more folder of this shape (language.ts, words.ts). */
export const english = {
  locale: "en",
  app: "Polylogue",
  sections: { watch: "Watch", setUp: "Set up", understand: "Understand", run: "Run" },
  rooms: {
    home: "Home",
    conversations: "Conversations",
    queue: "Queue",
    traces: "Traces",
    findings: "Findings",
    channels: "Channels",
    talk: "Chat",
    agents: "Agents",
    models: "Models",
    cost: "Cost",
    analytics: "Analytics",
    users: "Users",
    audit: "Audit",
    settings: "Settings",
    backup: "Backup",
  },
  tabs: { conversations: "Inbox", queue: "Queue", more: "More" },
  shell: {
    skip: "Skip to the content",
    navigation: "Rooms",
    accountMenu: (name: string) => `${name}: account menu`,
    signOut: "Sign out",
    waiting: "waiting",
    more: "More rooms",
    newVersion: "New version",
    newVersionHint: "Loads the page anew, in the version that the gateway has by now",
    closed: "This room isn't open to you",
    closedHint: (role: string) => `It takes the role ${role} or a higher one. An administrator can give it to you.`,
  },
  languages: { title: "Language" },
  themes: { title: "Appearance", system: "Like the system", light: "Light", dark: "Dark" },
  connection: { reconnecting: "Reconnecting …", offline: "Offline" },
  states: {
    loading: "Loading …",
    retry: "Try again",
    more: "Show more",
    copy: "Copy",
    copyOf: (what: string) => `Copy: ${what}`,
    copied: "Copied",
    close: "Close",
    notifications: "Notifications",
    lost: "There is no such page",
    lostHint: "The link may be old, or mistyped.",
    home: "To the front room",
  },
  forms: {
    optional: "optional",
    show: "Show",
    hide: "Hide",
    cancel: "Cancel",
    save: "Save",
    next: "Continue",
    back: "Back",
    leaveTitle: "Leave without saving?",
    leaveText: "What you typed here is then gone.",
    leave: "Leave",
  },
  faults: {
    offline: { message: "This device is offline", hint: "It goes on when the network is back." },
    unreachable: { message: "The gateway can't be reached", hint: "Check that it runs; the page tries again by itself." },
    internal: "This is a bug in the web app: please report it.",
    unexpected: (status: number) => `The gateway, or something in front of it, answered ${status}`,
  },
  time: {
    milliseconds: (ms: number) => `${ms} ms`,
    seconds: (seconds: string) => `${seconds} s`,
    minutes: (minutes: number, seconds: number) => `${minutes} min ${seconds} s`,
    hours: (hours: number, minutes: number) => `${hours} h ${minutes} min`,
  },
  messages: {
    empty: "No words",
    someone: "Someone",
    visitor: (id: string) => `Visitor ${id}`,
    happened: {
      "[press]": "Pressed a button",
      "[joined]": "Added the assistant",
      "[left]": "Removed the assistant",
      "[blocked]": "Blocked the assistant",
    } as { readonly [preview: string]: string },
    trace: "Trace",
    image: (words: string) => (words ? `Image: ${words}` : "Image"),
    code: "Code",
    table: "Table",
    save: "Save",
    hidden: (what: string) => (what ? `⟦hidden: ${what}⟧` : "⟦hidden⟧"),
    lost: (reason: string) => `not available: ${reason}`,
    authors: { agent: "Assistant", operator: "Operator", system: "Gateway" },
    kinds: { image: "Image", file: "File", audio: "Audio", video: "Video", voice: "Voice message" },
  },
  ...codes,
  ...door,
  ...home,
  ...flow,
  ...trace,
  ...talk,
  ...conversations,
  ...inbox,
  ...find,
  ...channels,
  ...queue,
  ...takeover,
  ...findings,
  ...users,
  ...cost,
  ...alerts,
  ...analytics,
  ...agents,
  ...models,
  ...audit,
  ...settings,
  ...backup,
} as const;
