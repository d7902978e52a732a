import { type ReactNode, useEffect } from "react";
import { words } from "../words/words.ts";
import { classes } from "./classes.ts";

/** Names the window after what it shows. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · ${words.app}`;
  }, [title]);
}

interface PageProps {
  readonly title: string;
  readonly lead?: ReactNode;
  /** Where this page belongs to: a link back. */
  readonly back?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  readonly width?: "narrow" | "normal" | "wide";
}

const widths = { narrow: "max-w-2xl", normal: "max-w-5xl", wide: "max-w-7xl" } as const;

/** A room that scrolls as a whole. */
export function Page({ title, lead, back, actions, children, width = "normal" }: PageProps) {
  useTitle(title);
  return (
    <div className="relative h-full overflow-y-auto">
      <div className={classes("mx-auto grid gap-5 px-4 py-5 md:px-8 md:py-7", widths[width])}>
        <header className="flex flex-wrap items-end justify-between gap-x-4 gap-y-3">
          <div className="grid min-w-0 gap-1">
            {back}
            <h1 className="font-semibold text-title tracking-tight">{title}</h1>
            {lead && <div className="max-w-[65ch] text-soft">{lead}</div>}
          </div>
          {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
        </header>
        {children}
      </div>
    </div>
  );
}

/** A framed part of a page. */
export function Section({
  title,
  aside,
  children,
  className,
  flush = false,
}: {
  readonly title?: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
  readonly flush?: boolean;
}) {
  return (
    <section className={classes("panel min-w-0", className)}>
      {title && (
        <div className="flex flex-wrap items-center justify-between gap-2 px-4 pt-3.5 pb-2">
          <h2 className="font-semibold text-body">{title}</h2>
          {aside}
        </div>
      )}
      <div className={flush ? "" : classes("px-4 pb-4", !title && "pt-4")}>{children}</div>
    </section>
  );
}
