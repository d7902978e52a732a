import CircleAlert from "lucide-react/icons/circle-alert";
import CircleCheck from "lucide-react/icons/circle-check";
import X from "lucide-react/icons/x";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { words } from "../words/words.ts";
import { IconButton } from "./button.tsx";
import { dropToast, type Toast, useToasts } from "./toast.ts";

/** Milliseconds that a good word stays, counted anew when the pointer or the focus leaves. */
const stayMs = 4000;

/** What was just done, or why it wasn't. The region is always there, so that screen readers tell what comes into it. */
export function Toasts() {
  const toasts = useToasts();
  const [held, setHeld] = useState(false);
  const region = useRef<HTMLElement>(null);
  const filled = toasts.length > 0;
  // In the top layer, over whatever the room has laid over itself.
  useLayoutEffect(() => {
    if (filled) region.current?.showPopover();
    else region.current?.hidePopover();
  }, [filled]);
  return (
    <section
      ref={region}
      popover="manual"
      aria-label={words.states.notifications}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className="fixed inset-auto right-4 bottom-20 w-[24rem] max-w-[calc(100vw-2rem)] overflow-visible bg-transparent text-ink md:bottom-4"
    >
      <div role="status" className="grid gap-2">
        {toasts.map((toast) => (
          <OneToast key={toast.id} toast={toast} held={held} />
        ))}
      </div>
    </section>
  );
}

function OneToast({ toast: { id, title, description, tone }, held }: { readonly toast: Toast; readonly held: boolean }) {
  const passes = tone === "good" && !held;
  useEffect(() => {
    if (!passes) return;
    const timer = setTimeout(() => dropToast(id), stayMs);
    return () => clearTimeout(timer);
  }, [id, passes]);
  return (
    <div
      role={tone === "bad" ? "alert" : undefined}
      className="flex items-start gap-2.5 rounded-panel border border-line bg-panel py-2.5 pr-1.5 pl-3.5 shadow-lift transition-[opacity,translate] duration-200 starting:translate-y-2 starting:opacity-0"
    >
      {tone === "bad" ? (
        <CircleAlert aria-hidden className="mt-1.5 size-4.5 shrink-0 text-bad" />
      ) : (
        <CircleCheck aria-hidden className="mt-1.5 size-4.5 shrink-0 text-good" />
      )}
      <div className="min-w-0 flex-1 py-1">
        <p className="font-medium">{title}</p>
        {description && <p className="text-row text-soft">{description}</p>}
      </div>
      <IconButton label={words.states.close} size="small-square" onClick={() => dropToast(id)}>
        <X aria-hidden />
      </IconButton>
    </div>
  );
}
