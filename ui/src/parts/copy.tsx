import Check from "lucide-react/icons/check";
import Copy from "lucide-react/icons/copy";
import { useEffect, useState } from "react";
import { showHidden } from "../words/hidden-text.ts";
import { words } from "../words/words.ts";
import { IconButton } from "./button.tsx";
import { classes } from "./classes.ts";

/** Copies `text` and says so. Without a clipboard (no https) the text stays selectable beside it. */
export function CopyButton({
  text,
  label = words.states.copy,
  className,
}: {
  readonly text: string;
  readonly label?: string;
  readonly className?: string;
}) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  if (!navigator.clipboard) return null;
  return (
    <>
      <IconButton
        label={label}
        size="small-square"
        {...(className && { className })}
        onClick={() =>
          navigator.clipboard.writeText(text).then(
            () => setCopied(true),
            () => setCopied(false),
          )
        }
      >
        {copied ? <Check aria-hidden className="text-good" /> : <Copy aria-hidden />}
      </IconButton>
      <span role="status" className="sr-only">
        {copied ? words.states.copied : ""}
      </span>
    </>
  );
}

/** A value to take elsewhere: an id, an address. */
export function CopyField({ value, label, className }: { readonly value: string; readonly label?: string; readonly className?: string }) {
  return (
    <span className={classes("inline-flex max-w-full items-center gap-1 rounded-control bg-sunken py-0.5 pr-0.5 pl-2.5", className)}>
      <code className="min-w-0 break-all font-mono text-meta">{showHidden(value)}</code>
      <CopyButton text={value} {...(label && { label })} />
    </span>
  );
}
