import { type ReactNode, useId, useState } from "react";
import { faultOf } from "../api/fault.ts";
import { words } from "../words/words.ts";
import { Button } from "./button.tsx";
import { Modal } from "./modal.tsx";
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
  const id = useId();
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

  if (!open) return null;
  const close = () => {
    if (busy) return;
    setError(undefined);
    onOpenChange(false);
  };
  return (
    <Modal alert labelledBy={id} describedBy={`${id}text`} onClose={close} className="w-[26rem] p-5">
      <div className="grid gap-4">
        <div className="grid gap-1.5">
          <h2 id={id} className="font-semibold text-lead">
            {title}
          </h2>
          <div id={`${id}text`} className="text-soft">
            {children}
          </div>
        </div>
        {error !== undefined && (
          <Notice tone="bad" live title={faultOf(error).message}>
            {faultOf(error).hint}
          </Notice>
        )}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={close}>{words.forms.cancel}</Button>
          <Button look={look} busy={busy} onClick={confirm}>
            {act}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
