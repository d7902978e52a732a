import type * as english from "../en/find.ts";
import type { Widen } from "../widen.ts";

export const find: Widen<typeof english>["find"] = {
  title: "Warum keine Antwort?",
  lead: "Eine Nachricht finden: wer sie schrieb, wann, und was darin stand; jede führt zu allem, was aus ihr wurde.",
  sender: "Wer schrieb",
  text: "Wörter",
  account: "Konto",
  from: "Von",
  to: "Bis",
  search: "Nachrichten finden",
  none: "So eine Nachricht gibt es nicht",
  noneHint: "Weniger Wörter, einen anderen Namen oder mehr Zeit angeben. Was nicht mehr aufgehoben wird, ist nicht zu finden.",
};
