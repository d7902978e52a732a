export const queueTabs = ["all", "unknown", "failed", "dead", "poison", "moving", "retrying"] as const;

/** What of the queue: what waits for a person's word (`all`, or one state of it), or what is on its way. */
export type QueueTab = (typeof queueTabs)[number];

export interface QueueChoice {
  /** Absent: all that waits for a person's word. */
  readonly tab?: Exclude<QueueTab, "all">;
  readonly account?: string;
  /** The code of what went wrong. */
  readonly code?: string;
  /** The one that is looked at closely. */
  readonly open?: string;
}

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value.slice(0, 100) : undefined);

export function readQueueChoice(search: Record<string, unknown>): QueueChoice {
  const tab = queueTabs.find((known) => known === search.tab);
  const [account, code, open] = [text(search.account), text(search.code), text(search.open)];
  return { ...(tab && tab !== "all" && { tab }), ...(account && { account }), ...(code && { code }), ...(open && { open }) };
}

/** Whether it is what moves by itself. */
export function isMoving(tab: QueueTab | undefined): tab is "moving" | "retrying" {
  return tab === "moving" || tab === "retrying";
}
