import { Dialog } from "@base-ui/react/dialog";
import type { FormEvent, ReactNode } from "react";
import { faultOf } from "../api/fault.ts";
import { words } from "../words/words.ts";
import { Button } from "./button.tsx";
import { Notice } from "./notice.tsx";

interface FormDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  readonly lead?: ReactNode;
  /** The act in a word: "Save". Absent: there is nothing to do but to close. */
  readonly act?: string;
  readonly busy?: boolean;
  readonly error?: unknown;
  readonly onSubmit?: () => void;
  readonly children: ReactNode;
}

/** A form, or something to take away, in front of the page. What was typed stays while it is refused. */
export function FormDialog({ open, onOpenChange, title, lead, act, busy = false, error, onSubmit, children }: FormDialogProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!busy) onSubmit?.();
  };
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !busy && onOpenChange(next)}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/35 transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0 dark:bg-black/60" />
        <Dialog.Popup className="fixed top-1/2 left-1/2 z-50 max-h-[calc(100dvh-2rem)] w-[30rem] max-w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2 overflow-y-auto rounded-panel bg-panel p-5 shadow-lift transition-[opacity,scale] duration-150 data-ending-style:scale-98 data-starting-style:scale-98 data-ending-style:opacity-0 data-starting-style:opacity-0">
          <form noValidate onSubmit={submit} className="grid gap-4">
            <div className="grid gap-1.5">
              <Dialog.Title className="break-words font-semibold text-lead">{title}</Dialog.Title>
              {lead && (
                <Dialog.Description render={<div />} className="text-soft">
                  {lead}
                </Dialog.Description>
              )}
            </div>
            {error !== undefined && error !== null && (
              <Notice tone="bad" live title={faultOf(error).message}>
                {faultOf(error).hint}
              </Notice>
            )}
            {children}
            <div className="flex flex-wrap justify-end gap-2">
              <Dialog.Close render={<Button />}>{act ? words.forms.cancel : words.states.close}</Dialog.Close>
              {act && (
                <Button type="submit" look="primary" busy={busy}>
                  {act}
                </Button>
              )}
            </div>
          </form>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
