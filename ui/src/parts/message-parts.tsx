import FileText from "lucide-react/icons/file-text";
import MapPin from "lucide-react/icons/map-pin";
import UserRound from "lucide-react/icons/user-round";
import type { Schemas } from "../api/client.ts";
import { showHidden } from "../words/hidden-text.ts";
import { words } from "../words/words.ts";
import { Attachment } from "./attachment.tsx";
import { Chip } from "./chip.tsx";
import { classes } from "./classes.ts";
import { Markdown } from "./markdown.tsx";

type Part = Schemas["Part"];

/** The content of a message, whoever wrote it. */
export function MessageParts({ message, parts }: { readonly message: string; readonly parts: readonly Part[] }) {
  if (parts.length === 0) return <p className="text-faint italic">{words.messages.empty}</p>;
  return (
    <div className="grid min-w-0 gap-2">
      {parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a part is known by its place
        <OnePart key={index} message={message} part={part} />
      ))}
    </div>
  );
}

function OnePart({ message, part }: { readonly message: string; readonly part: Part }) {
  switch (part.type) {
    case "text":
      return part.markup === "markdown" ? (
        <Markdown text={showHidden(part.text)} />
      ) : (
        <p className="whitespace-pre-wrap">{showHidden(part.text)}</p>
      );
    case "location":
      return (
        <Chip icon={<MapPin />}>
          {part.title && <span className="font-medium">{showHidden(part.title)} </span>}
          <span className="tabular">
            {part.latitude.toFixed(5)}, {part.longitude.toFixed(5)}
          </span>
        </Chip>
      );
    case "contact":
      return (
        <Chip icon={<UserRound />}>
          <span className="font-medium">{showHidden(part.name)}</span> {part.phone && showHidden(part.phone)}
        </Chip>
      );
    case "poll":
      return (
        <div className="grid gap-1">
          <span className="font-medium">{showHidden(part.question)}</span>
          <ul className="list-disc pl-5">
            {part.options.map((option) => (
              <li key={option}>{showHidden(option)}</li>
            ))}
          </ul>
        </div>
      );
    case "template":
      return (
        <Chip icon={<FileText />}>
          <span className="font-medium">{showHidden(part.name)}</span> {showHidden(Object.values(part.parameters).join(" · "))}
        </Chip>
      );
    case "buttons":
      return <ButtonRows rows={part.rows} />;
    default:
      return <Attachment message={message} part={part} />;
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
                {showHidden(button.label)}
              </button>
            ) : (
              // biome-ignore lint/suspicious/noArrayIndexKey: as above
              <span key={column} className={look}>
                {showHidden(button.label)}
              </span>
            ),
          )}
        </div>
      ))}
    </div>
  );
}
