import { Menu as BaseMenu } from "@base-ui/react/menu";
import { type ReactElement, type ReactNode, useRef } from "react";
import { classes } from "./classes.ts";

const itemLook =
  "flex min-h-9 cursor-default select-none items-center gap-2.5 rounded-md px-2.5 py-1.5 text-body outline-none data-disabled:opacity-50 data-highlighted:bg-hover [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-faint";

interface MenuProps {
  readonly trigger: ReactElement;
  readonly children: ReactNode;
  readonly align?: "start" | "end";
}

/** The popup stays in the landmark of its button: whoever goes from landmark to landmark finds it there. */
export function Menu({ trigger, children, align = "end" }: MenuProps) {
  const place = useRef<HTMLDivElement>(null);
  return (
    <BaseMenu.Root>
      <div ref={place} className="contents">
        <BaseMenu.Trigger render={trigger} />
      </div>
      <BaseMenu.Portal container={place}>
        <BaseMenu.Positioner positionMethod="fixed" className="z-40 outline-none" sideOffset={6} align={align} collisionPadding={8}>
          <BaseMenu.Popup className="min-w-48 rounded-panel border border-line bg-panel p-1 shadow-lift outline-none transition-[opacity,scale] duration-100 data-ending-style:scale-98 data-starting-style:scale-98 data-ending-style:opacity-0 data-starting-style:opacity-0">
            {children}
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
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
    <BaseMenu.Item className={classes(itemLook, danger && "text-bad [&_svg]:text-bad")} onClick={onClick}>
      {children}
    </BaseMenu.Item>
  );
}

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly choices: readonly { readonly value: Value; readonly label: string; readonly icon: ReactNode }[];
  readonly onChange: (value: Value) => void;
}

export function MenuChoice<Value extends string>({ label, value, choices, onChange }: ChoiceProps<Value>) {
  return (
    <BaseMenu.Group>
      <BaseMenu.GroupLabel className="px-2.5 pt-1.5 pb-1 font-medium text-faint text-meta">{label}</BaseMenu.GroupLabel>
      <BaseMenu.RadioGroup value={value} onValueChange={(next: Value) => onChange(next)}>
        {choices.map((choice) => (
          <BaseMenu.RadioItem key={choice.value} value={choice.value} className={itemLook}>
            {choice.icon}
            <span className="flex-1">{choice.label}</span>
            <BaseMenu.RadioItemIndicator className="size-2 rounded-full bg-accent" />
          </BaseMenu.RadioItem>
        ))}
      </BaseMenu.RadioGroup>
    </BaseMenu.Group>
  );
}

export function MenuLine() {
  return <BaseMenu.Separator className="-mx-1 my-1 h-px bg-line" />;
}

export function MenuLabel({ children }: { readonly children: ReactNode }) {
  return <div className="max-w-64 px-2.5 py-1.5 text-row">{children}</div>;
}
