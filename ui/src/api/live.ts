import { useSyncExternalStore } from "react";
import type { Schemas } from "./client.ts";

export type LiveEvent = Schemas["LiveEvent"];
export type Connection = "connecting" | "open" | "reconnecting" | "offline";

/** Whoever adds one to the API is told of it here by the compiler. */
const kinds = Object.keys({
  ...{
    ledger: true,
    turn: true,
    message: true,
    control: true,
    note: true,
    read: true,
    presence: true,
    replies: true,
    account: true,
    config: true,
    finding: true,
    model: true,
    figures: true,
    reset: true,
  },
} satisfies Record<LiveEvent["type"], true>) as LiveEvent["type"][];
/** Milliseconds in which events are gathered: at 10,000 messages a minute the page draws ten times a second, not a thousand. */
const batchMs = 100;
const slowestRetryMs = 5_000;
/** Milliseconds after which a window that nobody sees lets go of its stream: browsers allow six connections to one place. */
const hiddenMs = 60_000;

const hearers = new Set<(events: readonly LiveEvent[]) => void>();
const watchers = new Set<() => void>();
let connection: Connection = "connecting";
let source: EventSource | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;
let failures = 0;
let hiding: ReturnType<typeof setTimeout> | undefined;
let gathered: LiveEvent[] = [];
let flushing = false;
/** Asked when the stream is refused for good; false when the login is over, and the stream stays closed. */
let mayRetry: () => Promise<boolean> = async () => true;

/** Opens the stream of live events and keeps it open until `stopLive`. */
export function startLive(stillIn: () => Promise<boolean>): void {
  mayRetry = stillIn;
  if (source || retry) return;
  addEventListener("online", reconnect);
  addEventListener("offline", seeOffline);
  document.addEventListener("visibilitychange", seeVisibility);
  open();
}

/** Opens it again after it was refused for want of a login. */
export function resumeLive(): void {
  if (!source) reconnect();
}

export function stopLive(): void {
  removeEventListener("online", reconnect);
  removeEventListener("offline", seeOffline);
  document.removeEventListener("visibilitychange", seeVisibility);
  clearTimeout(hiding);
  close();
  setConnection("connecting");
}

/** Calls `hear` with what happened, a batch at a time and in order. */
export function onLive(hear: (events: readonly LiveEvent[]) => void): () => void {
  hearers.add(hear);
  return () => hearers.delete(hear);
}

export function useConnection(): Connection {
  return useSyncExternalStore(
    (watch) => {
      watchers.add(watch);
      return () => watchers.delete(watch);
    },
    () => connection,
  );
}

function open(): void {
  const fresh = new EventSource("/api/events");
  source = fresh;
  const before = failures;
  fresh.onopen = () => {
    failures = 0;
    // The browser resumes its own stream by Last-Event-ID; one that was opened anew has missed what lies between.
    if (before > 0) gather({ type: "reset" });
    setConnection("open");
  };
  fresh.onerror = () => {
    if (fresh !== source) return;
    setConnection(navigator.onLine ? "reconnecting" : "offline");
    if (fresh.readyState === EventSource.CLOSED) void later();
  };
  for (const kind of kinds) fresh.addEventListener(kind, (event) => hear(event.data));
}

function close(): void {
  source?.close();
  source = undefined;
  clearTimeout(retry);
  retry = undefined;
}

async function later(): Promise<void> {
  close();
  failures += 1;
  retry = setTimeout(
    async () => {
      if (!(await mayRetry())) return close();
      retry = undefined;
      if (!source) open();
    },
    Math.min(slowestRetryMs, 500 * 2 ** Math.min(failures, 6)),
  );
}

function reconnect(): void {
  close();
  failures += 1;
  setConnection("reconnecting");
  open();
}

function seeOffline(): void {
  setConnection("offline");
}

function seeVisibility(): void {
  clearTimeout(hiding);
  if (document.hidden) hiding = setTimeout(close, hiddenMs);
  else if (!source && !retry) reconnect();
}

function hear(data: string): void {
  try {
    gather(JSON.parse(data) as LiveEvent);
  } catch {
    gather({ type: "reset" });
  }
}

function gather(event: LiveEvent): void {
  gathered.push(event);
  if (flushing) return;
  flushing = true;
  setTimeout(() => {
    const batch = gathered;
    gathered = [];
    flushing = false;
    for (const hearer of hearers) hearer(batch);
  }, batchMs);
}

function setConnection(next: Connection): void {
  if (next === connection) return;
  connection = next;
  for (const watch of watchers) watch();
}
