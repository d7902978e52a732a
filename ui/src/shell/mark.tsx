import { words } from "../words/words.ts";

/** The product's sign and name. */
export function Mark() {
  return (
    <span className="inline-flex items-center gap-2.5">
      <svg viewBox="0 0 32 32" aria-hidden="true" className="size-7 shrink-0">
        <rect width="32" height="32" rx="8" className="fill-accent" />
        <path d="M8 9.5h10.5a3 3 0 0 1 3 3v2.2a3 3 0 0 1-3 3H12l-4 3.3z" className="fill-on-accent" />
        <path
          d="M24 14.8v11.7l-3.6-3H14a2.6 2.6 0 0 1-2.2-1.2l1.6-1.4h5.4a4.4 4.4 0 0 0 4.4-4.4v-1.9z"
          className="fill-on-accent opacity-60"
        />
      </svg>
      <span className="font-semibold text-lead tracking-tight">{words.app}</span>
    </span>
  );
}
