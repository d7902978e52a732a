import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";

const key = "polylogue-theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const watchers = new Set<() => void>();
let theme: Theme = read();

system.addEventListener("change", apply);

export function setTheme(next: Theme): void {
  theme = next;
  try {
    if (next === "system") localStorage.removeItem(key);
    else localStorage.setItem(key, next);
  } catch {
    // Storage is forbidden: the choice holds until the page is left.
  }
  apply();
  for (const watch of watchers) watch();
}

export function useTheme(): Theme {
  return useSyncExternalStore(
    (watch) => {
      watchers.add(watch);
      return () => watchers.delete(watch);
    },
    () => theme,
  );
}

function apply(): void {
  document.documentElement.dataset.theme = theme === "dark" || (theme === "system" && system.matches) ? "dark" : "light";
}

function read(): Theme {
  try {
    const stored = localStorage.getItem(key);
    return stored === "light" || stored === "dark" ? stored : "system";
  } catch {
    return "system";
  }
}
