import { useEffect, useRef } from "react";

interface CheckboxProps {
  readonly label: string;
  readonly checked: boolean;
  /** Some of what it stands for. */
  readonly partly?: boolean;
  readonly onChange: () => void;
}

/** The browser's own box; its label is for those who don't see what it stands beside. */
export function Checkbox({ label, checked, partly = false, onChange }: CheckboxProps) {
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (box.current) box.current.indeterminate = partly && !checked;
  }, [partly, checked]);
  return (
    <span className="inline-grid size-6 shrink-0 place-items-center">
      <input ref={box} type="checkbox" aria-label={label} checked={checked} onChange={onChange} className="size-4 accent-accent" />
    </span>
  );
}
