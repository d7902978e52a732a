import type { ReactNode } from "react";
import { classes } from "./classes.ts";

interface BubbleProps {
  /** Written by whoever looks at it: it stands right. */
  readonly own: boolean;
  readonly head: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
}

/** What one side of a chat said. */
export function Bubble({ own, head, children, className }: BubbleProps) {
  return (
    <div className={classes("grid max-w-[min(42rem,94%)] gap-1", own ? "justify-self-end" : "justify-self-start")}>
      <div className={classes("flex flex-wrap items-center gap-x-2 text-faint text-meta", own && "justify-end")}>{head}</div>
      <div
        className={classes(
          "grid min-w-0 gap-2 rounded-panel px-3.5 py-2.5",
          own ? "bg-accent-wash" : "border border-line bg-panel",
          className,
        )}
      >
        {children}
      </div>
    </div>
  );
}
