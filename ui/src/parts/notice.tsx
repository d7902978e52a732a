import CircleAlert from "lucide-react/icons/circle-alert";
import CircleCheck from "lucide-react/icons/circle-check";
import Info from "lucide-react/icons/info";
import TriangleAlert from "lucide-react/icons/triangle-alert";
import type { ReactNode } from "react";
import { classes } from "./classes.ts";
import { withCode } from "./with-code.tsx";

const tones = {
  bad: { box: "bg-bad-wash", icon: "text-bad", Icon: CircleAlert },
  warn: { box: "bg-warn-wash", icon: "text-warn", Icon: TriangleAlert },
  good: { box: "bg-good-wash", icon: "text-good", Icon: CircleCheck },
  info: { box: "bg-accent-wash", icon: "text-accent-ink", Icon: Info },
} as const;

export type Tone = keyof typeof tones;

interface NoticeProps {
  readonly tone: Tone;
  readonly title: ReactNode;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
  /** Announced at once, for what appears after an act of the viewer. */
  readonly live?: boolean;
  readonly className?: string;
}

/** One thing that the viewer should know, with what to do about it. */
export function Notice({ tone, title, children, actions, live = false, className }: NoticeProps) {
  const { box, icon, Icon } = tones[tone];
  return (
    <div
      role={live ? (tone === "bad" ? "alert" : "status") : undefined}
      className={classes("flex gap-3 rounded-control px-3.5 py-3", box, className)}
    >
      <Icon aria-hidden className={classes("mt-0.5 size-4.5 shrink-0", icon)} />
      <div className="grid min-w-0 flex-1 gap-1">
        <div className="font-medium">{withCode(title)}</div>
        {children && <div className="text-row text-soft">{withCode(children)}</div>}
        {actions && <div className="mt-1.5 flex flex-wrap gap-2 text-row empty:hidden">{actions}</div>}
      </div>
    </div>
  );
}
