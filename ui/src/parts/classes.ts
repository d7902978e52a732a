import { type ClassValue, clsx } from "clsx";

/** What a part lets others override, by what it begins with: `gap-x` and `gap` are two, and so are `p` and `px`. */
const family =
  /^-?((?:min-|max-)?[hw]|[pm][xytrbl]?|gap(?:-[xy])?|justify(?!-self|-items)|overflow(?!-x)|scale|size|rounded(?!-[trbl]+-)|bg|font|text)-/;
const sizes = /^text-(?:meta|row|body|lead|title|hero|\[)/;
/** They share a beginning with what is overridden, and set something else. */
const others = /^(?:text-(?:left|right|center|balance|nowrap|wrap)|font-mono)$/;

/** Joins class names; of two that set the same property, the later one wins. */
export function classes(...names: ClassValue[]): string {
  const byProperty = new Map<string, string>();
  for (const name of clsx(names).split(" ")) {
    const property = propertyOf(name);
    // The later one stands at its own place, too.
    byProperty.delete(property);
    byProperty.set(property, name);
  }
  return [...byProperty.values()].join(" ");
}

function propertyOf(name: string): string {
  const start = name.lastIndexOf(":") + 1;
  const bare = name.slice(start);
  const of = others.test(bare) ? undefined : family.exec(bare)?.[1];
  return of === undefined ? name : `${name.slice(0, start)}${sizes.test(bare) ? "size of text" : of}`;
}
