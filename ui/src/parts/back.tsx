import { Link, type LinkProps } from "@tanstack/react-router";
import ChevronLeft from "lucide-react/icons/chevron-left";

/** The way to the room that this page belongs to. */
export function Back({ to, children }: { readonly to: NonNullable<LinkProps["to"]>; readonly children: string }) {
  return (
    <Link
      to={to}
      className="-ml-1 inline-flex min-h-6 items-center gap-1 justify-self-start rounded px-1 font-medium text-row text-soft hover:text-ink"
    >
      <ChevronLeft aria-hidden className="size-4" />
      {children}
    </Link>
  );
}
