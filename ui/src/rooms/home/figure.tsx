import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { classes } from "../../parts/classes.ts";

interface FigureProps {
  readonly label: string;
  readonly value: string;
  /** What else is to be known of it, in a line. */
  readonly note: ReactNode;
  /** Something is to be done about it. */
  readonly tone?: "bad" | "warn" | undefined;
  /** Its note is longer than others'. */
  readonly wide?: boolean;
  /** The room that tells more. */
  readonly to?: NonNullable<LinkProps["to"]>;
}

/** Two of the four columns, so that seven figures fill two rows. */
export const wideLook = "min-w-54 md:col-span-2 md:min-w-0 2xl:min-w-54";

/** One figure in a frame. It belongs into a `dl`. */
export function Figure({ label, value, note, tone, wide = false, to }: FigureProps) {
  return (
    <div
      className={classes(
        "panel relative grid min-w-42 flex-1 content-start px-3 py-2.5 md:min-w-0",
        wide && wideLook,
        to && "hover:bg-hover",
      )}
    >
      <dt className="truncate text-row text-soft">
        {to ? (
          <Link to={to} className="after:absolute after:inset-0 after:rounded-panel">
            {label}
          </Link>
        ) : (
          label
        )}
      </dt>
      <dd className={classes("tabular truncate font-semibold text-title", tone === "bad" && "text-bad", tone === "warn" && "text-warn")}>
        {value}
      </dd>
      <dd className="min-h-6 truncate text-faint text-meta leading-6">{note}</dd>
    </div>
  );
}
