import { AlertDialog } from "@base-ui/react/alert-dialog";
import { type ReactNode, useState } from "react";
import { faultOf } from "../api/fault.ts";
import { words } from "../words/words.ts";
import { Button } from "./button.tsx";
import { Notice } from "./notice.tsx";

interface ConfirmProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  readonly children: ReactNode;
  /** The act in a word: "Remove". */
  readonly act: string;
  /** `danger` if absent. */
  readonly look?: "danger" | "primary";
  readonly onConfirm: () => Promise<unknown>;
}

/** Asks once before something that can't be undone, stays open while it runs, and shows why it failed. */
export function Confirm({ open, onOpenChange, title, children, act, look = "danger", onConfirm }: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  const confirm = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await onConfirm();
      onOpenChange(false);
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };

  return (
    <AlertDialog.Root
      open={open}
      onOpenChange={(next) => {
        if (busy) return;
        setError(undefined);
        onOpenChange(next);
      }}
    >
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="fixed inset-0 z-40 bg-black/35 transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0 dark:bg-black/60" />
        <AlertDialog.Popup className="fixed top-1/2 left-1/2 z-50 grid max-h-[calc(100dvh-2rem)] w-[26rem] max-w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2 gap-4 overflow-y-auto rounded-panel bg-panel p-5 shadow-lift transition-[opacity,scale] duration-150 data-ending-style:scale-98 data-starting-style:scale-98 data-ending-style:opacity-0 data-starting-style:opacity-0">
          <div className="grid gap-1.5">
            <AlertDialog.Title className="font-semibold text-lead">{title}</AlertDialog.Title>
            <AlertDialog.Description render={<div />} className="text-soft">
              {children}
            </AlertDialog.Description>
          </div>
          {error !== undefined && (
            <Notice tone="bad" live title={faultOf(error).message}>
              {faultOf(error).hint}
            </Notice>
          )}
          <div className="flex flex-wrap justify-end gap-2">
            <AlertDialog.Close render={<Button />}>{words.forms.cancel}</AlertDialog.Close>
            <Button look={look} busy={busy} onClick={confirm}>
              {act}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
