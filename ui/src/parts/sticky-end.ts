import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

interface StickyEnd {
  readonly box: RefObject<HTMLDivElement | null>;
  /** The viewer has scrolled away from the end, and isn't pulled back. */
  readonly away: boolean;
  readonly toEnd: () => void;
}

/** Keeps the end of a growing list in sight while it is there. `content` names what is shown: a new name, a new look. */
export function useStickyEnd(content: string): StickyEnd {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [away, setAway] = useState(false);

  const toEnd = useCallback(() => {
    atEnd.current = true;
    setAway(false);
    box.current?.scrollTo({ top: box.current.scrollHeight });
  }, []);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const see = () => {
      atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 60;
      setAway(!atEnd.current);
    };
    element.addEventListener("scroll", see, { passive: true });
    return () => element.removeEventListener("scroll", see);
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when something was added
  useLayoutEffect(() => {
    if (atEnd.current) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [content]);

  return { box, away, toEnd };
}
