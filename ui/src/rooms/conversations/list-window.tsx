import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import type { Schemas } from "../../api/client.ts";
import { words } from "../../words/words.ts";
import type { ConversationChoice } from "./choice.ts";
import { ConversationRow } from "./conversation-row.tsx";

interface WindowProps {
  readonly conversations: readonly Schemas["ConversationSummary"][];
  readonly choice: ConversationChoice;
  /** There may be more behind. */
  readonly more: boolean;
  /** The one that is open. */
  readonly open: string | undefined;
  readonly team: ReadonlyMap<string, string>;
  /** What other operators do, by conversation. */
  readonly others: ReadonlyMap<string, string>;
  /** Where something was typed and not sent. */
  readonly drafts: ReadonlySet<string>;
  readonly onEnd: () => void;
}

const rowHeight = 82;

/** Draws only the rows that are in sight. J and K, arrow keys, Home and End move between rows from wherever nothing is written. */
export function ListWindow({ conversations, choice, more, open, team, others, drafts, onEnd }: WindowProps) {
  const box = useRef<HTMLDivElement>(null);
  const moved = useRef(false);
  const [active, setActive] = useState<string>();
  const activeIndex = active === undefined ? -1 : conversations.findIndex(({ id }) => id === active);
  const rows = useVirtualizer({
    count: conversations.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => conversations[index]?.id ?? index,
    overscan: 6,
    // The row with the focus stays drawn when it is out of sight: the focus would be lost with it.
    rangeExtractor: (range) => {
      const drawn = defaultRangeExtractor(range);
      return activeIndex < 0 || drawn.includes(activeIndex) ? drawn : [...drawn, activeIndex].toSorted((one, other) => one - other);
    },
  });

  useEffect(() => {
    if (!moved.current || activeIndex < 0) return;
    moved.current = false;
    box.current?.querySelector<HTMLElement>(`[data-index="${activeIndex}"] a`)?.focus({ preventScroll: true });
  }, [activeIndex]);

  const move = useRef((_: KeyboardEvent) => {});
  move.current = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
    const inside = box.current?.contains(event.target as Node) === true;
    const from = activeIndex >= 0 ? activeIndex : conversations.findIndex(({ id }) => id === open);
    const steps: { readonly [key: string]: number } = inside
      ? { j: from + 1, k: from - 1, ArrowDown: from + 1, ArrowUp: from - 1, Home: 0, End: conversations.length - 1 }
      : { j: from + 1, k: from - 1 };
    const to = steps[event.key];
    if (to === undefined || to < 0 || to >= conversations.length) return;
    event.preventDefault();
    moved.current = true;
    setActive(conversations[to]?.id);
    rows.scrollToIndex(to);
  };
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => move.current(event);
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);

  const onScroll = () => {
    const element = box.current;
    if (element && element.scrollTop + element.clientHeight > element.scrollHeight - 10 * rowHeight) onEnd();
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys only move between the links inside
    <div
      ref={box}
      onScroll={onScroll}
      onFocus={({ target }) => setActive(conversations[Number(target.closest<HTMLElement>("[data-index]")?.dataset.index ?? -1)]?.id)}
      onBlur={({ relatedTarget, currentTarget }) => currentTarget.contains(relatedTarget) || setActive(undefined)}
      className="min-h-0 flex-1 overflow-y-auto [overflow-anchor:none]"
    >
      <ul aria-label={words.inbox.list} className="relative" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => {
          const conversation = conversations[row.index];
          return (
            conversation && (
              <li
                key={row.key}
                data-index={row.index}
                aria-setsize={more ? -1 : conversations.length}
                aria-posinset={row.index + 1}
                className="absolute inset-x-0 top-0"
                style={{ height: row.size, transform: `translateY(${row.start}px)` }}
              >
                <ConversationRow
                  {...{ conversation, choice, team }}
                  others={others.get(conversation.id)}
                  draft={drafts.has(conversation.id)}
                />
              </li>
            )
          );
        })}
      </ul>
    </div>
  );
}

/** Where letters are text. */
export function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest("input, textarea, select, [contenteditable], [role=dialog], [role=alertdialog], [role=menu]") !== null
  );
}
