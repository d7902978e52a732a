import type { Schemas } from "../../api/client.ts";
import { showHidden } from "../../words/hidden-text.ts";

type Finding = Schemas["Finding"];

/** The account that a finding is about, if it is about one. */
export function accountOf({ subject }: Finding): string | undefined {
  return /^accounts\.([^.]+)/.exec(subject)?.[1];
}

/** Of `deliveries.support` what follows the first dot. */
export function subjectAfter(kind: string, subject: string): string {
  return subject.startsWith(`${kind}.`) ? subject.slice(kind.length + 1) : subject;
}

/** What is wrong, and with which account where the sentence doesn't say it itself. */
export function findingTitle(finding: Finding): string {
  const account = accountOf(finding);
  const message = showHidden(finding.message);
  return account && !message.includes(account) ? `${account}: ${message}` : message;
}

/** Where operators are told, as people know it: account and chat. */
export function placeName({ account, chat, thread }: Schemas["NoticePlace"]): string {
  return [account, chat, ...(thread === undefined ? [] : [thread])].join("/");
}
