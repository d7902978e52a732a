import FileIcon from "lucide-react/icons/file";
import FileX from "lucide-react/icons/file-x";
import MapPin from "lucide-react/icons/map-pin";
import UserRound from "lucide-react/icons/user-round";
import type { ReactNode } from "react";
import type { Schemas } from "../api/client.ts";
import { words } from "../words/words.ts";
import { classes } from "./classes.ts";
import { Markdown } from "./markdown.tsx";

type Part = Schemas["Part"];
type FilePart = Extract<Part, { source: unknown }>;

/** The content of a message, whoever wrote it. */
export function MessageParts({ parts }: { readonly parts: readonly Part[] }) {
  if (parts.length === 0) return <p className="text-faint italic">{words.messages.empty}</p>;
  return (
    <div className="grid min-w-0 gap-2">
      {parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a part is known by its place
        <OnePart key={index} part={part} />
      ))}
    </div>
  );
}

function OnePart({ part }: { readonly part: Part }) {
  switch (part.type) {
    case "text":
      return part.markup === "markdown" ? <Markdown text={part.text} /> : <p className="whitespace-pre-wrap">{part.text}</p>;
    case "location":
      return (
        <Chip icon={<MapPin />}>
          {part.title && <span className="font-medium">{part.title} </span>}
          <span className="tabular">
            {part.latitude.toFixed(5)}, {part.longitude.toFixed(5)}
          </span>
        </Chip>
      );
    case "contact":
      return (
        <Chip icon={<UserRound />}>
          <span className="font-medium">{part.name}</span> {part.phone}
        </Chip>
      );
    case "buttons":
      return <ButtonRows rows={part.rows} />;
    default:
      return <Attachment part={part} />;
  }
}

interface ButtonRowsProps<Button extends { readonly label: string }> {
  readonly rows: readonly (readonly Button[])[];
  /** Makes the buttons work; without it they only show what was offered. */
  readonly onPress?: (button: Button) => void;
  readonly isPressed?: (button: Button) => boolean;
}

export function ButtonRows<Button extends { readonly label: string }>({ rows, onPress, isPressed }: ButtonRowsProps<Button>) {
  const look = "rounded-control border border-edge px-3 py-1.5 font-medium text-accent-ink text-row";
  return (
    <div className="grid gap-1.5">
      {rows.map((row, rowIndex) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a button is known by its place
        <div key={rowIndex} className="flex flex-wrap gap-1.5">
          {row.map((button, column) =>
            onPress ? (
              <button
                // biome-ignore lint/suspicious/noArrayIndexKey: as above
                key={column}
                type="button"
                className={classes(look, "bg-panel hover:bg-accent-wash aria-pressed:border-accent aria-pressed:bg-accent-wash")}
                aria-pressed={isPressed?.(button)}
                onClick={() => onPress(button)}
              >
                {button.label}
              </button>
            ) : (
              // biome-ignore lint/suspicious/noArrayIndexKey: as above
              <span key={column} className={look}>
                {button.label}
              </span>
            ),
          )}
        </div>
      ))}
    </div>
  );
}

function Attachment({ part }: { readonly part: FilePart }) {
  const lost = part.source.at === "nowhere";
  return (
    <div className="grid gap-1.5">
      <Chip icon={lost ? <FileX /> : <FileIcon />}>
        <span className="font-medium">{part.name ?? words.messages.kinds[part.type]}</span>{" "}
        <span className="text-faint">
          {part.source.at === "nowhere"
            ? words.messages.lost(part.source.reason)
            : [part.source.mediaType, part.source.size === undefined ? undefined : bytes(part.source.size)].filter(Boolean).join(" · ")}
        </span>
      </Chip>
      {part.caption && <p className="whitespace-pre-wrap">{part.caption}</p>}
    </div>
  );
}

function Chip({ icon, children }: { readonly icon: ReactNode; readonly children: ReactNode }) {
  return (
    <div className="inline-flex max-w-full items-start gap-2 justify-self-start rounded-control border border-line bg-panel px-2.5 py-1.5 text-row [&_svg]:mt-0.5 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-faint">
      {icon}
      <span className="min-w-0">{children}</span>
    </div>
  );
}

function bytes(size: number): string {
  const unit = size < 1000 ? "byte" : size < 1_000_000 ? "kilobyte" : "megabyte";
  const value = unit === "byte" ? size : unit === "kilobyte" ? size / 1000 : size / 1_000_000;
  return new Intl.NumberFormat(words.locale, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1 }).format(value);
}
