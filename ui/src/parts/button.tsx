import { cva, type VariantProps } from "class-variance-authority";
import LoaderCircle from "lucide-react/icons/loader-circle";
import type { ComponentProps, ReactNode } from "react";
import { classes } from "./classes.ts";

export const buttonLook = cva(
  "inline-flex shrink-0 select-none items-center justify-center gap-2 whitespace-nowrap rounded-control font-medium transition-colors disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:cursor-not-allowed aria-disabled:opacity-55 [&_svg]:size-4 [&_svg]:shrink-0",
  {
    variants: {
      look: {
        primary: "bg-accent text-on-accent shadow-shade hover:bg-accent-strong",
        plain: "border border-line bg-panel text-ink shadow-shade hover:bg-hover",
        quiet: "text-soft hover:bg-hover hover:text-ink",
        danger: "border border-line bg-panel text-bad shadow-shade hover:bg-bad-wash",
      },
      size: {
        small: "h-8 px-2.5 text-row",
        normal: "h-9 px-3.5 text-body",
        large: "h-11 px-5 text-lead",
        square: "size-9",
        "small-square": "size-8",
      },
    },
    defaultVariants: { look: "plain", size: "normal" },
  },
);

type ButtonProps = ComponentProps<"button"> & VariantProps<typeof buttonLook> & { readonly busy?: boolean };

/** `busy` keeps the focus and says so; the click is ignored meanwhile. */
export function Button({ look, size, busy = false, className, children, onClick, type = "button", ...rest }: ButtonProps) {
  return (
    <button
      type={type}
      className={classes(buttonLook({ look, size }), className)}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      onClick={(event) => (busy ? event.preventDefault() : onClick?.(event))}
      {...rest}
    >
      {busy && <LoaderCircle aria-hidden className="animate-spin" />}
      {children}
    </button>
  );
}

/** A button that shows only an icon; `label` is its name and its tooltip. */
export function IconButton({
  label,
  children,
  look = "quiet",
  size = "square",
  ...rest
}: ButtonProps & { readonly label: string; readonly children: ReactNode }) {
  return (
    <Button aria-label={label} title={label} look={look} size={size} {...rest}>
      {children}
    </Button>
  );
}
