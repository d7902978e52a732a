import CircleAlert from "lucide-react/icons/circle-alert";
import Eye from "lucide-react/icons/eye";
import EyeOff from "lucide-react/icons/eye-off";
import { type ComponentProps, type ReactNode, useId, useState } from "react";
import { words } from "../words/words.ts";
import { IconButton } from "./button.tsx";
import { classes } from "./classes.ts";

export const controlLook =
  "w-full rounded-control border border-edge bg-panel px-3 text-[1rem] text-ink shadow-shade placeholder:text-faint disabled:cursor-not-allowed disabled:opacity-60 aria-invalid:border-bad sm:text-body";

/** The ids and states that tie a control to its label, hint and error. */
export interface Described {
  readonly id: string;
  readonly "aria-describedby": string | undefined;
  readonly "aria-invalid": true | undefined;
  readonly "aria-required": true | undefined;
}

export interface FieldProps {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
  readonly optional?: boolean;
  readonly children: (described: Described) => ReactNode;
}

/** Label above, hint below, error under the hint and announced. */
export function Field({ label, hint, error, optional = false, children }: FieldProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  return (
    <div className="grid content-start gap-1.5">
      <label htmlFor={id} className="font-medium text-body">
        {label}
        {optional && <span className="ml-1.5 font-normal text-faint text-row">{words.forms.optional}</span>}
      </label>
      {children({
        id,
        "aria-describedby": described,
        "aria-invalid": error ? true : undefined,
        "aria-required": optional ? undefined : true,
      })}
      {hint && (
        <div id={`${id}-hint`} className="text-faint text-row">
          {hint}
        </div>
      )}
      <FieldError id={`${id}-error`} error={error} />
    </div>
  );
}

export function FieldError({ id, error }: { readonly id?: string; readonly error: string | undefined }) {
  return (
    <div id={id} aria-live="polite">
      {error && (
        <p className="flex items-start gap-1.5 text-bad text-row">
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          <span>{error}</span>
        </p>
      )}
    </div>
  );
}

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return <input className={classes(controlLook, "h-9", className)} {...rest} />;
}

export function TextArea({ className, ...rest }: ComponentProps<"textarea">) {
  return <textarea className={classes(controlLook, "min-h-20 py-2", className)} {...rest} />;
}

/** The browser's own list: it is right on every phone and for every screen reader. */
export function Select({ className, ...rest }: ComponentProps<"select">) {
  return <select className={classes(controlLook, "h-9 px-2", className)} {...rest} />;
}

/** Hidden while it is typed, shown on request. */
export function SecretInput({ className, ...rest }: Omit<ComponentProps<"input">, "type">) {
  const [shown, setShown] = useState(false);
  return (
    <div className="relative">
      <Input
        type={shown ? "text" : "password"}
        className={classes("pr-11", className)}
        spellCheck={false}
        autoCapitalize="none"
        {...rest}
      />
      <IconButton
        label={shown ? words.forms.hide : words.forms.show}
        aria-pressed={shown}
        size="small-square"
        className="absolute top-0.5 right-0.5"
        onClick={() => setShown(!shown)}
      >
        {shown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
      </IconButton>
    </div>
  );
}
