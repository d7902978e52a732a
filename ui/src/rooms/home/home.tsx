import { useTitle } from "../../parts/page.tsx";
import { words } from "../../words/words.ts";
import { Flow } from "../flow/flow.tsx";
import { Figures } from "./figures.tsx";
import { FirstFinding } from "./first-finding.tsx";

/** The front room: how it goes, what needs somebody, and every message as it comes in. */
export function Home() {
  useTitle(words.rooms.home);
  return (
    <div className="flex h-full flex-col overflow-y-auto">
      <header className="grid gap-3 px-4 pt-4 md:px-6 md:pt-6">
        <h1 className="font-semibold text-title tracking-tight">{words.rooms.home}</h1>
        <Figures />
        <FirstFinding />
      </header>
      <Flow />
    </div>
  );
}
