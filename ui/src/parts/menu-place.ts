/** Pixels between a menu and its button, and the window's edge. */
const gap = 6;
const edge = 8;
/** Pixels that a menu is taken to need at its side of the button. */
const room = 264;

/** Lays a menu under its button or, in the lower half of the window, over it; on the side that `align` names if it has the room. */
export function placeMenu({ style }: HTMLElement, button: DOMRect, align: "start" | "end"): void {
  const { clientWidth: width, clientHeight: height } = document.documentElement;
  const under = button.top + button.bottom < height;
  style.top = under ? `${button.bottom + gap}px` : "auto";
  style.bottom = under ? "auto" : `${height - button.top + gap}px`;
  style.maxHeight = `${(under ? height - button.bottom : button.top) - gap - edge}px`;
  const fits = align === "start" ? width - button.left >= room : button.right >= room;
  const start = fits ? align === "start" : button.left + button.right < width;
  style.left = start ? `${Math.max(edge, button.left)}px` : "auto";
  style.right = start ? "auto" : `${Math.max(edge, width - button.right)}px`;
  style.maxWidth = `${width - 2 * edge}px`;
}

/** Where a key leads from the item that has the focus: arrows go round, a letter goes to the next item that begins with it. */
export function itemToFocus(items: readonly HTMLElement[], from: number, key: string): HTMLElement | undefined {
  switch (key) {
    case "ArrowDown":
      return items[(from + 1) % items.length];
    case "ArrowUp":
      return items.at(from <= 0 ? -1 : from - 1);
    case "Home":
      return items[0];
    case "End":
      return items.at(-1);
  }
  if (key.length !== 1 || key === " ") return undefined;
  const round = [...items.slice(from + 1), ...items.slice(0, from + 1)];
  return round.find((item) => item.textContent.trim().toLowerCase().startsWith(key.toLowerCase()));
}
