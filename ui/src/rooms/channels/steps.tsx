import Check from "lucide-react/icons/check";
import { classes } from "../../parts/classes.ts";
import { words } from "../../words/words.ts";

/** Where one is on the way. */
export function Steps({ names, at }: { readonly names: readonly string[]; readonly at: number }) {
  return (
    <ol className="flex flex-wrap items-center gap-x-5 gap-y-2" aria-label={words.channels.steps}>
      {names.map((name, index) => (
        <li
          key={name}
          aria-current={index === at ? "step" : undefined}
          className={classes("flex items-center gap-2 font-medium text-row", index === at ? "text-ink" : "text-faint")}
        >
          <span
            className={classes(
              "grid size-6 place-items-center rounded-full font-semibold text-meta",
              index < at ? "bg-good-wash text-good" : index === at ? "bg-accent text-on-accent" : "bg-hover text-soft",
            )}
          >
            {index < at ? <Check aria-hidden className="size-3.5" /> : index + 1}
          </span>
          {name}
        </li>
      ))}
    </ol>
  );
}
