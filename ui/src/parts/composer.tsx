import { type KeyboardEvent, type ReactNode, useLayoutEffect, useRef } from "react";
import { classes } from "./classes.ts";
import { controlLook } from "./field.tsx";

interface ComposerProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly onSubmit: () => void;
  readonly maxLength: number;
  readonly autoFocus?: boolean;
  /** Looks at a key first; true: it was meant for somebody else. */
  readonly keys?: (event: KeyboardEvent) => boolean;
  /** The button that sends. */
  readonly children: ReactNode;
}

/** A box for words that grows with them. Enter sends, Shift+Enter breaks the line. */
export function Composer({ label, value, onChange, onSubmit, maxLength, autoFocus = false, keys, children }: ComposerProps) {
  const box = useRef<HTMLTextAreaElement>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the words
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight + 2, 200)}px`;
  }, [value]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (!event.nativeEvent.isComposing && keys?.(event)) return;
    // While an input method composes, Enter belongs to it.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    onSubmit();
  };

  return (
    <div className="flex items-end gap-2">
      <textarea
        ref={box}
        rows={1}
        aria-label={label}
        placeholder={label}
        value={value}
        maxLength={maxLength}
        // biome-ignore lint/a11y/noAutofocus: only where writing is what the page is for
        autoFocus={autoFocus}
        className={classes(controlLook, "max-h-50 min-h-9 resize-none py-1.5")}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {children}
    </div>
  );
}
