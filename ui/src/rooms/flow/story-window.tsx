import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { Schemas } from "../../api/client.ts";
import { words } from "../../words/words.ts";
import { StoryRow } from "./story-row.tsx";

const wide = matchMedia("(min-width: 48rem)");

interface WindowProps {
  readonly stories: readonly Schemas["Story"][];
  /** There may be more behind. */
  readonly more: boolean;
  /** Grows when the list is to go back to its top. */
  readonly toTop: number;
  readonly onAway: (away: boolean) => void;
  readonly onEnd: () => void;
}

/** Draws only the rows that are in sight, however long the list is. Arrow keys, Home and End move between rows. */
export function StoryWindow({ stories, more, toTop, onAway, onEnd }: WindowProps) {
  const box = useRef<HTMLDivElement>(null);
  const rowHeight = useRowHeight();
  const seen = useRef<Set<string> | undefined>(undefined);
  // The row with the focus stays drawn when it is out of sight: the focus would be lost with it.
  const moved = useRef(false);
  const [active, setActive] = useState<string>();
  const activeIndex = active === undefined ? -1 : stories.findIndex(({ trace }) => trace === active);
  const rows = useVirtualizer({
    count: stories.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => stories[index]?.trace ?? index,
    overscan: 8,
    rangeExtractor: (range) => {
      const drawn = defaultRangeExtractor(range);
      return activeIndex < 0 || drawn.includes(activeIndex) ? drawn : [...drawn, activeIndex].toSorted((one, other) => one - other);
    },
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the height is what the sizes depend on
  useEffect(() => rows.measure(), [rowHeight]);
  useEffect(() => {
    if (toTop > 0) box.current?.scrollTo({ top: 0 });
  }, [toTop]);
  useEffect(() => {
    seen.current = new Set(stories.map((story) => story.trace));
  }, [stories]);

  useEffect(() => {
    if (!moved.current || activeIndex < 0) return;
    moved.current = false;
    box.current?.querySelector<HTMLElement>(`[data-index="${activeIndex}"] a`)?.focus({ preventScroll: true });
  }, [activeIndex]);

  const onScroll = () => {
    const element = box.current;
    if (!element) return;
    onAway(element.scrollTop > rowHeight / 2);
    if (element.scrollTop + element.clientHeight > element.scrollHeight - 10 * rowHeight) onEnd();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const row = (event.target as HTMLElement).closest<HTMLElement>("[data-index]");
    if (!row) return;
    const from = Number(row.dataset.index);
    const to = { ArrowDown: from + 1, ArrowUp: from - 1, Home: 0, End: stories.length - 1 }[event.key];
    if (to === undefined || to < 0 || to >= stories.length) return;
    event.preventDefault();
    moved.current = true;
    setActive(stories[to]?.trace);
    rows.scrollToIndex(to);
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys only move between the links inside
    <div
      ref={box}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
      onFocus={({ target }) => setActive(stories[Number(target.closest<HTMLElement>("[data-index]")?.dataset.index ?? -1)]?.trace)}
      onBlur={({ relatedTarget, currentTarget }) => currentTarget.contains(relatedTarget) || setActive(undefined)}
      className="min-h-0 flex-1 overflow-y-auto [overflow-anchor:none]"
    >
      <ul aria-label={words.flow.list} className="relative" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => {
          const story = stories[row.index];
          return (
            story && (
              <li
                key={row.key}
                data-index={row.index}
                aria-setsize={more ? -1 : stories.length}
                aria-posinset={row.index + 1}
                className="absolute inset-x-0 top-0"
                style={{ height: row.size, transform: `translateY(${row.start}px)` }}
              >
                <StoryRow story={story} fresh={seen.current !== undefined && !seen.current.has(story.trace)} />
              </li>
            )
          );
        })}
      </ul>
    </div>
  );
}

function useRowHeight(): number {
  const [isWide, setWide] = useState(wide.matches);
  useEffect(() => {
    const see = () => setWide(wide.matches);
    wide.addEventListener("change", see);
    return () => wide.removeEventListener("change", see);
  }, []);
  return isWide ? 38 : 62;
}
