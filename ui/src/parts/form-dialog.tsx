import { type FormEvent, type ReactNode, useId, useState } from "react";
import { faultOf } from "../api/fault.ts";
import { words } from "../words/words.ts";
import { Button } from "./button.tsx";
import { Modal } from "./modal.tsx";
import { Notice } from "./notice.tsx";
import { Leave, Unsaved } from "./unsaved.tsx";

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

/**
 * A form, or something to take away, in front of the page. What was typed stays while it is refused, and isn't lost by Escape
 * or by the way back without a question.
 */
export function FormDialog(props: FormDialogProps) {
  return props.open && <OpenForm {...props} />;
}

function OpenForm({ onOpenChange, title, lead, act, busy = false, error, onSubmit, children }: FormDialogProps) {
  const id = useId();
  const [typed, setTyped] = useState(false);
  const [asking, setAsking] = useState(false);
  const unsaved = typed && act !== undefined;
  const close = () => {
    if (!busy) onOpenChange(false);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!busy) onSubmit?.();
  };
  return (
    <Modal labelledBy={id} onClose={unsaved ? () => setAsking(!busy) : close} className="w-[30rem] p-5">
      <form noValidate onSubmit={submit} onChange={() => setTyped(true)} className="grid gap-4">
        <div className="grid gap-1.5">
          <h2 id={id} className="break-words font-semibold text-lead">
            {title}
          </h2>
          {lead && <div className="text-soft">{lead}</div>}
        </div>
        {error !== undefined && error !== null && (
          <Notice tone="bad" live title={faultOf(error).message}>
            {faultOf(error).hint}
          </Notice>
        )}
        {children}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={close}>{act ? words.forms.cancel : words.states.close}</Button>
          {act && (
            <Button type="submit" look="primary" busy={busy}>
              {act}
            </Button>
          )}
        </div>
      </form>
      {unsaved && <Unsaved />}
      <Leave open={asking} onStay={() => setAsking(false)} onLeave={close} />
    </Modal>
  );
}
