import { cloneElement, type KeyboardEvent, type ReactElement, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { classes } from "./classes.ts";
import { itemToFocus, placeMenu } from "./menu-place.ts";

const itemLook =
  "flex min-h-9 w-full cursor-default select-none items-center gap-2.5 rounded-md px-2.5 py-1.5 text-left text-body outline-none hover:bg-hover focus:bg-hover [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-faint";

interface MenuProps {
  /** A button. */
  readonly trigger: ReactElement<Record<string, unknown>>;
  readonly children: ReactNode;
  readonly align?: "start" | "end";
}

/**
 * A button and the menu that it opens: the browser's own popover, which lies over everything and closes on Escape and on a
 * click elsewhere. It stays in the landmark of its button: whoever goes from landmark to landmark finds it there.
 */
export function Menu({ trigger, children, align = "end" }: MenuProps) {
  const id = useId();
  const popup = useRef<HTMLDivElement>(null);
  const place = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);

  const lay = () => {
    const button = place.current?.firstElementChild;
    if (popup.current && button) placeMenu(popup.current, button.getBoundingClientRect(), align);
  };

  const see = () => {
    // Drawn before it is shown, so that it comes as a whole and can be given the focus.
    flushSync(() => setOpen(true));
    lay();
  };

  // It follows its button.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `lay` reads what is there when it is called
  useEffect(() => {
    if (!open) return;
    const gone = new AbortController();
    for (const moved of ["resize", "scroll"]) addEventListener(moved, lay, { capture: true, signal: gone.signal });
    return () => gone.abort();
  }, [open]);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.key === "Tab") return popup.current?.hidePopover();
    const items = [...event.currentTarget.querySelectorAll<HTMLElement>("button")];
    const next = itemToFocus(items, items.indexOf(document.activeElement as HTMLElement), event.key);
    if (!next) return;
    event.preventDefault();
    next.focus();
  };

  return (
    <>
      <div ref={place} className="contents">
        {cloneElement(trigger, {
          id: `${id}button`,
          popoverTarget: id,
          "aria-haspopup": "menu",
          "aria-expanded": open,
          onKeyDown: (event: KeyboardEvent) => {
            if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
            event.preventDefault();
            popup.current?.showPopover();
          },
        })}
      </div>
      <div
        ref={popup}
        id={id}
        role="menu"
        tabIndex={-1}
        popover="auto"
        aria-labelledby={`${id}button`}
        onBeforeToggle={({ newState }) => newState === "open" && see()}
        onToggle={({ newState }) => {
          if (newState === "closed") setOpen(false);
          else popup.current?.querySelector("button")?.focus({ preventScroll: true });
        }}
        onKeyDown={onKeyDown}
        className="fixed inset-auto min-w-48 overflow-y-auto rounded-panel border border-line bg-panel p-1 text-ink shadow-lift outline-none transition-[opacity,scale] duration-100 starting:scale-98 starting:opacity-0"
      >
        {open && children}
      </div>
    </>
  );
}

function closeAround(item: HTMLElement): void {
  item.closest<HTMLElement>("[popover]")?.hidePopover();
}

export function MenuItem({
  onClick,
  danger = false,
  children,
}: {
  readonly onClick: () => void;
  readonly danger?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      className={classes(itemLook, danger && "text-bad [&_svg]:text-bad")}
      onClick={({ currentTarget }) => {
        closeAround(currentTarget);
        onClick();
      }}
    >
      {children}
    </button>
  );
}

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly choices: readonly { readonly value: Value; readonly label: string; readonly icon?: ReactNode; readonly lang?: string }[];
  readonly onChange: (value: Value) => void;
}

/** One of a few; the menu stays open, so that it can be seen and taken back. */
export function MenuChoice<Value extends string>({ label, value, choices, onChange }: ChoiceProps<Value>) {
  const id = useId();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset isn't for menus
    <div role="group" aria-labelledby={id}>
      <div id={id} className="px-2.5 pt-1.5 pb-1 font-medium text-faint text-meta">
        {label}
      </div>
      {choices.map((choice) => (
        <button
          key={choice.value}
          type="button"
          role="menuitemradio"
          aria-checked={choice.value === value}
          tabIndex={-1}
          lang={choice.lang}
          className={itemLook}
          onClick={() => onChange(choice.value)}
        >
          {choice.icon}
          <span className="flex-1">{choice.label}</span>
          {choice.value === value && <span aria-hidden className="size-2 rounded-full bg-accent" />}
        </button>
      ))}
    </div>
  );
}

export function MenuLine() {
  return <hr className="-mx-1 my-1 h-px border-0 bg-line" />;
}

export function MenuLabel({ children }: { readonly children: ReactNode }) {
  return <div className="max-w-64 px-2.5 py-1.5 text-row">{children}</div>;
}
