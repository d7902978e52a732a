import { useState } from "react";

/** Some of what is listed, or everything that the choice fits, also what isn't listed. */
export interface Selection {
  readonly all: boolean;
  readonly ids: readonly string[];
  has(id: string): boolean;
  toggle(id: string): void;
  /** What is listed, or (when it is chosen already) nothing. */
  togglePage(): void;
  takeAll(): void;
  clear(): void;
}

/** Of those that are listed now: what is gone isn't chosen any more. */
export function useSelection(listed: readonly string[]): Selection {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [all, setAll] = useState(false);
  const ids = all ? listed : listed.filter((id) => chosen.has(id));
  const clear = () => {
    setChosen(new Set());
    setAll(false);
  };
  return {
    all: all && listed.length > 0,
    ids,
    has: (id) => all || chosen.has(id),
    toggle(id) {
      const next = new Set(ids);
      if (!next.delete(id)) next.add(id);
      setChosen(next);
      setAll(false);
    },
    togglePage() {
      if (ids.length === listed.length) clear();
      else setChosen(new Set(listed));
    },
    takeAll: () => setAll(true),
    clear,
  };
}
