import { type ReactNode, useLayoutEffect, useRef } from "react";
import { classes } from "./classes.ts";

interface ModalProps {
  /** Names it where no `labelledBy` does. */
  readonly label?: string;
  readonly labelledBy?: string;
  readonly describedBy?: string;
  /** It asks for an answer before anything else goes on. */
  readonly alert?: boolean;
  /** A click beside it closes it too. */
  readonly light?: boolean;
  /** Called when the viewer wants it gone, which unmounts it. Without it there is no way past it. */
  readonly onClose?: () => void;
  readonly className?: string;
  readonly children: ReactNode;
}

/**
 * In front of the page while it is mounted. The browser's own dialog: it holds the focus and gives it back, keeps the page
 * behind it out of reach, and is asked to close by Escape.
 */
export function Modal({ label, labelledBy, describedBy, alert = false, light = false, onClose, className, children }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
    // While it still stands in the page, so that the focus goes back.
    return () => element?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it
    <dialog
      ref={dialog}
      role={alert ? "alertdialog" : undefined}
      aria-label={label}
      aria-labelledby={labelledBy}
      aria-describedby={describedBy}
      className={classes(
        "m-auto max-h-[calc(100dvh-2rem)] max-w-[calc(100vw-2rem)] overflow-y-auto rounded-panel bg-panel text-body text-ink shadow-lift transition-[opacity,scale] duration-150 backdrop:bg-black/35 starting:scale-98 starting:opacity-0 dark:backdrop:bg-black/60",
        className,
      )}
      onCancel={(event) => {
        if (event.target !== dialog.current) return;
        event.preventDefault();
        onClose?.();
      }}
      // Whoever presses Escape again and again gets past `onCancel`.
      onClose={({ target }) => {
        const element = dialog.current;
        if (target !== element || element?.open) return;
        // It is there until it is unmounted, whatever the owner answers.
        element?.showModal();
        onClose?.();
      }}
      onClick={({ target }) => light && target === dialog.current && onClose?.()}
    >
      {children}
    </dialog>
  );
}
