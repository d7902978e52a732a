import type { ReactNode } from "react";
import { faultOf } from "../api/fault.ts";
import { words } from "../words/words.ts";
import { Button } from "./button.tsx";
import { classes } from "./classes.ts";
import { Notice } from "./notice.tsx";

/** Nothing there yet: says what would be here, and what to do first. */
export function Empty({
  icon,
  title,
  children,
  actions,
  level = 2,
}: {
  readonly icon: ReactNode;
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
  /** 1 where the page has no other heading. */
  readonly level?: 1 | 2;
}) {
  const Heading = level === 1 ? "h1" : "h2";
  return (
    <div className="mx-auto grid max-w-md justify-items-center gap-3 px-4 py-14 text-center">
      <div aria-hidden className="grid size-12 place-items-center rounded-full bg-accent-wash text-accent-ink [&_svg]:size-5.5">
        {icon}
      </div>
      <Heading className="font-semibold text-lead">{title}</Heading>
      {children && <div className="text-soft">{children}</div>}
      {actions && <div className="mt-2 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  );
}

/** A load that failed, with its cause and another try. */
export function Failed({ error, retry, className }: { readonly error: unknown; readonly retry?: () => void; readonly className?: string }) {
  const fault = faultOf(error);
  return (
    <Notice
      tone="bad"
      live
      title={fault.message}
      className={classes("mx-auto w-full max-w-xl", className)}
      actions={
        retry && (
          <Button size="small" onClick={retry}>
            {words.states.retry}
          </Button>
        )
      }
    >
      {fault.hint}
    </Notice>
  );
}

export function Skeleton({ className }: { readonly className?: string }) {
  return <div aria-hidden className={classes("h-4 animate-pulse rounded bg-hover", className)} />;
}

/** Rows that stand in for a list while it loads. */
export function SkeletonRows({ rows = 8 }: { readonly rows?: number }) {
  return (
    <div role="status" className="grid gap-px">
      <span className="sr-only">{words.states.loading}</span>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <div key={row} aria-hidden className="flex items-center gap-4 px-4 py-3.5">
          <Skeleton className="w-14" />
          <Skeleton className={row % 3 === 0 ? "w-24" : "w-32"} />
          <Skeleton className={classes("flex-1", row % 2 === 0 ? "max-w-96" : "max-w-72")} />
        </div>
      ))}
    </div>
  );
}
