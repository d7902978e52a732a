import type { Schemas } from "../../api/client.ts";
import { Notice, type Tone } from "../../parts/notice.tsx";
import { showHidden } from "../../words/hidden-text.ts";
import { duration } from "../../words/time.ts";
import { wordFor, words } from "../../words/words.ts";
import { LetIn } from "./let-in.tsx";

type Trace = Schemas["Trace"];

interface Summary {
  readonly tone: Tone;
  readonly title: string;
  readonly text?: string | undefined;
}

/** What became of the message, in one sentence: the first thing that anybody wants to know. */
export function Outcome({ trace }: { readonly trace: Trace }) {
  const { tone, title, text } = summarize(trace);
  return (
    <Notice tone={tone} title={showHidden(title)} className="text-lead" actions={<LetIn trace={trace} />}>
      {text && showHidden(text)}
    </Notice>
  );
}

export function summarize(trace: Trace): Summary {
  const { event, entries, deliveries } = trace;
  const end = entries.findLast(
    ({ stage }) => stage === "ignored" || stage === "turn-done" || stage === "turn-fail" || stage === "turn-cancel",
  );
  const reason = end?.reason ? wordFor(words.reasons, end.reason) : undefined;
  const hint = end?.reason ? words.reasonHints[end.reason] : undefined;

  if (event?.state === "ignored") return { tone: "warn", title: words.outcome.ignored(reason ?? words.outcome.noReason), text: hint };
  if (event?.state === "cancelled") return { tone: "warn", title: words.outcome.cancelled(reason ?? words.outcome.noReason), text: hint };
  if (event?.state === "failed")
    return { tone: "bad", title: words.outcome.failed(reason ?? words.outcome.noReason), text: messageOf(end) ?? hint };
  if (event?.state === "queued" || event?.state === "running") {
    const retry = entries.findLast(({ stage }) => stage === "turn-retry");
    return {
      tone: retry ? "warn" : "info",
      title: words.outcome[event.state],
      text: retry?.reason && words.outcome.retried(wordFor(words.reasons, retry.reason)),
    };
  }
  return summarizeDeliveries(entries, deliveries);
}

function summarizeDeliveries(entries: Trace["entries"], deliveries: Trace["deliveries"]): Summary {
  const stuck = deliveries.find(({ state }) => state === "unknown" || state === "failed" || state === "dead");
  if (stuck) {
    const title = stuck.state === "unknown" ? words.outcome.unknown : words.outcome.undelivered;
    return { tone: stuck.state === "unknown" ? "warn" : "bad", title, text: stuck.error?.message };
  }
  if (deliveries.some(({ state }) => state === "dropped")) return { tone: "warn", title: words.outcome.dropped };
  if (deliveries.some(({ state }) => state !== "sent")) return { tone: "info", title: words.outcome.delivering };
  if (deliveries.length === 0) return { tone: "info", title: words.outcome.silent };
  const first = entries[0];
  const sent = entries.findLast(({ stage }) => stage === "delivery-sent");
  const receipts = deliveries.flatMap(({ receipt }) => receipt ?? []);
  return {
    tone: "good",
    title: first && sent ? words.outcome.deliveredIn(duration(sent.at - first.at)) : words.outcome.delivered,
    text: receipts.length > 0 ? words.outcome.receipt(receipts.join(", ")) : undefined,
  };
}

function messageOf(entry: Trace["entries"][number] | undefined): string | undefined {
  const message = entry?.detail?.message;
  return typeof message === "string" ? message : undefined;
}
