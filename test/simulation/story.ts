import type { DeliveryState } from "../../src/core/delivery.ts";
import type { LedgerEntry, Stage } from "../../src/core/ledger.ts";
import type { EventState, Trace } from "../../src/core/records.ts";

/** What may follow what in the story of a turn; the first stage stands under `begin`. */
const turnStages: { readonly [stage: string]: readonly Stage[] } = {
  begin: ["received"],
  received: ["routed", "ignored", "joined", "held", "turn-cancel"],
  // It waits for what has nothing to do with it: that no model can be reached.
  held: ["routed", "ignored", "joined", "held", "turn-cancel"],
  routed: ["turn-start"],
  "turn-start": ["model-start"],
  "model-start": ["model-end", "model-fail", "turn-join", "turn-retry", "turn-cancel"],
  "turn-join": ["model-end", "model-fail", "turn-retry", "turn-cancel"],
  "model-end": ["tool", "model-start", "turn-done", "turn-cancel", "turn-fail", "turn-retry"],
  "model-fail": ["model-start", "turn-retry", "turn-fail", "turn-cancel"],
  tool: ["tool", "model-start"],
  "turn-retry": ["routed", "ignored", "joined", "held", "turn-cancel"],
  // Part of an earlier event's turn, and ended with it, or back in the lane.
  joined: ["turn-done", "turn-fail", "turn-cancel", "turn-retry"],
};

const endings: { readonly [stage: string]: EventState } = {
  ignored: "ignored",
  "turn-done": "done",
  "turn-fail": "failed",
  "turn-cancel": "cancelled",
};

/** The same for one delivery. A draft is begun without having been queued. */
const deliveryStages: { readonly [stage: string]: readonly Stage[] } = {
  begin: ["delivery-queued", "delivery-start"],
  // What nothing can arrive of any more fails unsent.
  "delivery-queued": ["delivery-start", "delivery-drop", "delivery-fail"],
  "delivery-start": ["delivery-sent", "delivery-retry", "delivery-unknown", "delivery-fail", "delivery-dead", "delivery-drop"],
  "delivery-retry": ["delivery-start", "delivery-drop", "delivery-fail"],
  // Only a draft goes on from here: its final text is queued, or it is kept as it is.
  "delivery-sent": ["delivery-queued", "delivery-sent"],
  "delivery-unknown": ["delivery-queued", "delivery-drop"],
  "delivery-fail": ["delivery-queued", "delivery-drop"],
  "delivery-dead": ["delivery-queued", "delivery-drop"],
  "delivery-drop": [],
};

const states: { readonly [state in DeliveryState]?: Stage } = {
  sent: "delivery-sent",
  unknown: "delivery-unknown",
  failed: "delivery-fail",
  dead: "delivery-dead",
  dropped: "delivery-drop",
};

/** What is wrong with a story whose event has ended; nothing when it is whole and well-formed. */
export function faultsOf(trace: Trace): readonly string[] {
  const faults: string[] = [];
  const own = trace.entries.filter(({ stage }) => !stage.startsWith("delivery-"));
  if (trace.event) {
    // An attachment is fetched whenever it is needed.
    faults.push(
      ...steps(
        turnStages,
        own.filter(({ stage }) => stage !== "file"),
      ),
    );
    const last = own.at(-1)?.stage ?? "nothing";
    if (endings[last] !== trace.event.state) faults.push(`the event is ${trace.event.state}, its story ends with ${last}`);
    faults.push(...calls(own));
  }
  const byDelivery = Map.groupBy(trace.entries, ({ stage, detail }) => (stage.startsWith("delivery-") ? String(detail?.delivery) : ""));
  byDelivery.delete("");
  for (const [id, entries] of byDelivery) {
    faults.push(...steps(deliveryStages, entries).map((fault) => `${id}: ${fault}`), ...drafts(id, entries));
    const last = entries.at(-1);
    const now = trace.deliveries.find((delivery) => delivery.id === id);
    if (!now && last?.reason !== "draft-refused") faults.push(`${id} is in the story and isn't there`);
    if (now && states[now.state] !== last?.stage) faults.push(`${id} is ${now.state}, its story ends with ${last?.stage}`);
  }
  for (const { id } of trace.deliveries) if (!byDelivery.has(id)) faults.push(`${id} has no story`);
  return faults;
}

function steps(allowed: { readonly [stage: string]: readonly Stage[] }, entries: readonly LedgerEntry[]): string[] {
  let before = "begin";
  return entries.flatMap(({ stage }) => {
    const wrong = !allowed[before]?.includes(stage);
    const fault = `${stage} after ${before}`;
    before = stage;
    return wrong ? [fault] : [];
  });
}

/** A worker that died, or whose outcome the disk didn't take: nobody knows what became of its calls. */
const gaveUp: ReadonlySet<string> = new Set(["gateway-stopped", "store-unavailable"]);

/** Every call that ended had begun, none ended twice; one without an end is followed by a try that the process's end explains. */
function calls(entries: readonly LedgerEntry[]): string[] {
  const open = new Set<string>();
  const faults: string[] = [];
  for (const { stage, detail, reason } of entries) {
    const call = String(detail?.call);
    if (stage === "model-start") open.add(call);
    else if (stage === "model-end" || stage === "model-fail") {
      if (!open.delete(call)) faults.push(`${stage} of a call that wasn't open`);
    } else if (stage === "turn-retry" && gaveUp.has(reason ?? "")) open.clear();
  }
  return open.size > 0 ? [...faults, "a model call has no end"] : faults;
}

/** Nothing that isn't a draft goes on after it was sent. */
function drafts(id: string, entries: readonly LedgerEntry[]): string[] {
  const [first] = entries;
  const isDraft = first?.detail?.draft === true;
  const sent = entries.findIndex(({ stage }) => stage === "delivery-sent");
  return !isDraft && sent >= 0 && sent < entries.length - 1 ? [`${id} goes on after it was sent`] : [];
}
