import Check from "lucide-react/icons/check";
import type { ReactNode } from "react";
import type { Schemas } from "../../api/client.ts";
import { classes } from "../../parts/classes.ts";
import { words } from "../../words/words.ts";

type Picture = Schemas["ChannelKind"]["pictures"][number];
type Row = Picture["rows"][number];

interface StepPictureProps {
  readonly picture: Picture;
  readonly platform: string;
  /** What the form beside it calls a setting. */
  readonly labelOf: (key: string) => string;
}

/** What the platform shows at a step, drawn small. To who can't see it, it is one picture with all of its words. */
export function StepPicture({ picture: { title, rows }, platform, labelOf }: StepPictureProps) {
  const said = words.channels.picture;
  return (
    <figure
      role="img"
      aria-label={`${said.of(platform, title)}: ${rows.map((row) => spoken(row, labelOf)).join("; ")}`}
      className="mt-2 mb-1 max-w-88 select-none overflow-hidden rounded-control border border-line bg-paper text-ink text-meta"
    >
      <Line className="border-line border-b bg-sunken px-3 py-1.5 font-semibold text-soft">{title}</Line>
      <div className="grid justify-items-start gap-2 p-3">
        {rows.map((row) => (
          <div key={`${row.kind} ${row.label}`} className={classes("grid min-w-0 max-w-full gap-1", places[row.kind])}>
            <Drawn row={row} />
            {row.into && <span className="font-medium text-accent-ink">→ {said.into(labelOf(row.into))}</span>}
          </div>
        ))}
      </div>
    </figure>
  );
}

/** What is marked has a frame, which needs no colours to be seen. */
const mark = "outline-2 outline-accent outline-offset-3";

const places: { readonly [kind in Row["kind"]]: string } = {
  entry: "w-full",
  field: "w-full",
  button: "justify-items-start",
  switch: "w-full",
  tick: "w-full",
  sent: "justify-self-end",
  received: "justify-items-start",
};

function Drawn({ row: { kind, label, value, on, marked } }: { readonly row: Row }) {
  const frame = marked && mark;
  switch (kind) {
    case "entry":
      return <Line className={marked ? classes("rounded-sm", mark) : "border-line border-b pb-1"}>{label}</Line>;
    case "button":
      return <Line className={classes("rounded-control border border-edge bg-panel px-2.5 py-1 font-medium", frame)}>{label}</Line>;
    case "sent":
      return <Line className={classes("rounded-control bg-accent-wash px-2.5 py-1", frame)}>{label}</Line>;
    case "field":
      return (
        <>
          <Line className="text-soft">{label}</Line>
          <Value className={classes("rounded-control border border-line bg-panel px-2 py-1", frame)}>{value}</Value>
        </>
      );
    case "received":
      return (
        <div className={classes("grid gap-0.5 rounded-control border border-line bg-panel px-2.5 py-1", frame)}>
          <Line>{label}</Line>
          {value && <Value>{value}</Value>}
        </div>
      );
    case "switch":
      return (
        <div className={classes("flex items-center justify-between gap-3 rounded-sm", frame)}>
          <Line>{label}</Line>
          <div
            className={classes("flex h-4 w-7 shrink-0 rounded-full border border-edge p-0.5", on ? "justify-end bg-accent" : "bg-sunken")}
          >
            <div className={classes("size-2.5 rounded-full", on ? "bg-on-accent" : "bg-edge")} />
          </div>
        </div>
      );
    case "tick":
      return (
        <div className={classes("flex items-start gap-2 rounded-sm", frame)}>
          <div className="mt-0.5 grid size-3.5 shrink-0 place-items-center rounded-sm border border-edge bg-panel">
            {on && <Check className="size-3" strokeWidth={3} />}
          </div>
          <Line>{label}</Line>
        </div>
      );
  }
}

/** The platform speaks English, whatever language the app is in. */
function Line({ className, children }: { readonly className?: string | undefined; readonly children: ReactNode }) {
  return (
    <div lang="en" translate="no" className={classes("min-w-0", className)}>
      {children}
    </div>
  );
}

/** What stands there is an example: code, or words in the language of the app. */
function Value({ className, children }: { readonly className?: string; readonly children: ReactNode }) {
  return (
    <div translate="no" className={classes("min-w-0 font-mono", className)}>
      {children}
    </div>
  );
}

function spoken({ kind, label, value, on, marked, into }: Row, labelOf: StepPictureProps["labelOf"]): string {
  const said = words.channels.picture;
  const state = kind === "switch" || kind === "tick" ? (on ? said.on : said.off) : value;
  return [label, state, into && said.into(labelOf(into)), marked && said.marked].filter(Boolean).join(", ");
}
