import { type ClassValue, clsx } from "clsx";
import { extendTailwindMerge } from "tailwind-merge";

/** Our own sizes of type (app.css), which would be taken for colours otherwise. */
const merge = extendTailwindMerge({ extend: { theme: { text: ["meta", "row", "body", "lead", "title", "hero"] } } });

/** Joins class names; of two that set the same property the later one wins. */
export function classes(...names: ClassValue[]): string {
  return merge(clsx(names));
}
