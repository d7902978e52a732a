import { classes } from "./classes.ts";

export type BadgeTone = "good" | "warn" | "bad" | "busy" | "calm";

const dots: { readonly [tone in BadgeTone]: string } = {
  good: "bg-good",
  warn: "bg-warn",
  bad: "bg-bad",
  busy: "bg-accent animate-pulse",
  calm: "bg-faint",
};

const inks: { readonly [tone in BadgeTone]: string } = {
  good: "text-good",
  warn: "text-warn",
  bad: "text-bad",
  busy: "text-accent-ink",
  calm: "text-soft",
};

/** A state in a word, with a dot of its colour: the word alone says it too. */
export function StateBadge({
  tone,
  children,
  className,
}: {
  readonly tone: BadgeTone;
  readonly children: string;
  readonly className?: string;
}) {
  return (
    <span className={classes("inline-flex items-center gap-1.5 whitespace-nowrap font-medium text-row", inks[tone], className)}>
      <span aria-hidden className={classes("size-2 shrink-0 rounded-full", dots[tone])} />
      {children}
    </span>
  );
}

/** A short word in a frame, e.g. a channel's name. */
export function Tag({ children, className }: { readonly children: string; readonly className?: string }) {
  return (
    <span className={classes("inline-block max-w-full truncate rounded bg-sunken px-1.5 font-medium text-meta text-soft", className)}>
      {children}
    </span>
  );
}
