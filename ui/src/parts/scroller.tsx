import type { ReactNode, Ref } from "react";

interface ScrollerProps {
  readonly label: string;
  readonly className: string;
  readonly children: ReactNode;
  readonly boxRef?: Ref<HTMLDivElement>;
}

/** A box that scrolls by itself: it can be focused, so that the arrow keys reach what is out of sight. */
export function Scroller({ label, className, children, boxRef }: ScrollerProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls, a section would be one more landmark
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard
    <div ref={boxRef} role="group" aria-label={label} tabIndex={0} className={`-outline-offset-2 ${className}`}>
      {children}
    </div>
  );
}
