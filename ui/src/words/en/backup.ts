import { plural } from "./plural.ts";

export const backup = {
  lead: "Copies of everything but the vault's master key. Keep some elsewhere too: a disk that fails takes these with it.",
  place: (folder: string) => `They lie in ${folder}.`,
  apart:
    "Several gateways share this store, and each has its own folder of backups: you see those of the one that answers. POLYLOGUE_BACKUPS names a folder that all of them have.",
  at: (gateway: string) => `at ${gateway}`,
  make: "Back up now",
  made: (messages: string) => `Saved, with ${messages} messages`,
  none: "No backups yet",
  noneHint: "The gateway goes on working while one is made.",
  automatic: "automatic",
  facts: (messages: string, files: number, size: string, version: string) =>
    `${messages} messages · ${plural(files, "file", "files")} · ${size} · version ${version}`,
  check: "Check",
  checked: "It is whole: every file is as it was saved",
  download: "Download",
  remove: "Remove",
  removeTitle: "Remove this backup?",
  removeText: "It can't be brought back.",
  removed: "Removed",
  schedule: "By itself",
  scheduleOff: "No backups are made by themselves.",
  scheduleOn: (hours: number, keep: number) => `Every ${plural(hours, "hour", "hours")}; the newest ${keep} stay.`,
  every: "How often?",
  everyOptions: { off: "never", hour: "each hour", hours: (n: number) => `every ${n} hours`, day: "each day", week: "each week" },
  keep: "How many stay?",
  saved: "Saved",
  exports: "For a spreadsheet",
  exportsLead: "What was said, one row a message or a conversation (CSV). What a spreadsheet would take for a formula is marked as text.",
  exportMessages: "Messages",
  exportConversations: "Conversations",
  restore: "Bringing one back",
  restoreLead:
    "Stop every gateway, then look first and bring it back. What is there now is kept aside; a database has to be a new, empty one. The download is taken as well as the folder.",
} as const;
