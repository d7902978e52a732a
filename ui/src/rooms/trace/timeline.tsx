import type { Schemas } from "../../api/client.ts";
import { classes } from "../../parts/classes.ts";
import { Time } from "../../parts/time.tsx";
import { showHidden } from "../../words/hidden-text.ts";
import { duration, timeOfDay } from "../../words/time.ts";
import { wordFor, words } from "../../words/words.ts";

type Entry = Schemas["LedgerEntry"];

const dots: { readonly [ending: string]: string } = {
  fail: "bg-bad",
  dead: "bg-bad",
  unknown: "bg-warn",
  retry: "bg-warn",
  cancel: "bg-warn",
  drop: "bg-warn",
  ignored: "bg-warn",
  sent: "bg-good",
  done: "bg-good",
};

function dotOf(stage: string): string {
  return dots[stage.slice(stage.lastIndexOf("-") + 1)] ?? "bg-accent";
}

/** An answer that is shown while it grows is sent first as a draft, which is then written over. */
function stageOf({ stage, detail }: Entry): string {
  const draft = stage.replace(/^delivery-/, "draft-");
  return detail?.draft === true && Object.hasOwn(words.stages, draft) ? draft : stage;
}

/** Every stage in order, with its time, how long after the first, and why. */
export function Timeline({ entries }: { readonly entries: readonly Entry[] }) {
  const start = entries[0]?.at ?? 0;
  return (
    <ol className="relative grid gap-3.5 before:absolute before:inset-y-2 before:left-[0.3125rem] before:w-px before:bg-line">
      {entries.map((entry, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: entries are only ever added at the end
        <li key={index} className="relative grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 gap-y-0.5 pl-6">
          <span aria-hidden className={classes("absolute top-1.5 left-0 size-2.5 rounded-full ring-4 ring-panel", dotOf(entry.stage))} />
          <span className="font-medium">{showHidden(wordFor(words.stages, stageOf(entry)))}</span>
          <span className="tabular text-right text-faint text-row">
            <Time at={entry.at} format={timeOfDay} />
            <span className="inline-block min-w-17">{words.trace.after(duration(entry.at - start))}</span>
          </span>
          {entry.reason && <span className="col-span-2 text-row text-soft">{showHidden(wordFor(words.reasons, entry.reason))}</span>}
          {entry.detail && <Details detail={entry.detail} />}
        </li>
      ))}
    </ol>
  );
}

function Details({ detail }: { readonly detail: { readonly [key: string]: unknown } }) {
  const shown = Object.entries(detail).filter(([, value]) => value !== null && value !== "" && value !== undefined);
  if (shown.length === 0) return null;
  return (
    <dl className="col-span-2 flex flex-wrap gap-x-3.5 gap-y-0.5 text-meta">
      {shown.map(([key, value]) => (
        <div key={key} className="flex min-w-0 gap-1">
          <dt className="shrink-0 text-faint">{showHidden(wordFor(words.details, key))}</dt>
          <dd className="break-all font-mono text-soft">{say(key, value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function say(key: string, value: unknown): string {
  if (typeof value === "number" && /(^ms|Ms)$/.test(key)) return duration(value);
  if (typeof value === "number" && key === "usd") return `$${value}`;
  return showHidden(typeof value === "string" ? value : JSON.stringify(value));
}
