import { CopyButton } from "../../parts/copy.tsx";
import { Field, Input } from "../../parts/field.tsx";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { words } from "../../words/words.ts";

export interface Shown {
  readonly title: string;
  readonly lead: string;
  readonly label: string;
  readonly value: string;
}

/** Something secret that is shown this once, to be copied. */
export function ShownOnce({ shown, onClose }: { readonly shown: Shown | undefined; readonly onClose: () => void }) {
  if (!shown) return null;
  return (
    <FormDialog open onOpenChange={onClose} title={shown.title} lead={shown.lead}>
      <Field label={shown.label}>
        {(described) => (
          <div className="flex items-center gap-1">
            <Input
              {...described}
              readOnly
              value={shown.value}
              className="font-mono text-meta sm:text-meta"
              onFocus={(event) => event.target.select()}
            />
            <CopyButton text={shown.value} label={words.states.copyOf(shown.label)} />
          </div>
        )}
      </Field>
    </FormDialog>
  );
}

/** The address of a link for one use: what stands behind `#` never reaches a server or its logs. */
export function linkAddress(kind: "invite" | "reset", secret: string): string {
  return `${location.origin}/#${kind}=${secret}`;
}
