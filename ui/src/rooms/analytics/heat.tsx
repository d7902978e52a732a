import { Section } from "../../parts/page.tsx";
import { locale } from "../../words/language.ts";
import { count } from "../../words/time.ts";
import { words } from "../../words/words.ts";

// A Monday, and the days after it.
const monday = Date.UTC(2024, 0, 1);
const nameOf = (length: "short" | "long") => {
  const format = new Intl.DateTimeFormat(locale, { weekday: length, timeZone: "UTC" });
  return Array.from({ length: 7 }, (_, day) => format.format(monday + day * 86_400_000));
};
const [short, long] = [nameOf("short"), nameOf("long")];
const hourOf = (hour: number) => `${String(hour).padStart(2, "0")}:00`;

/** From nothing to the most. The number stands in each field, so the shade only helps. */
const shades = ["", "bg-accent/8", "bg-accent/16", "bg-accent/24", "bg-accent/32"] as const;

/** When most is written: weekdays from Monday, with 24 hours each. */
export function Heat({ hours }: { readonly hours: readonly (readonly number[])[] }) {
  const most = Math.max(0, ...hours.flat());
  const weekday = hours.findIndex((line) => line.includes(most));
  const hour = hours[weekday]?.indexOf(most) ?? 0;
  return (
    <Section title={words.analytics.hours}>
      <p className="pb-3 text-row text-soft">
        {words.analytics.hoursLead} {most > 0 && words.analytics.busiest(long[weekday] ?? "", hourOf(hour), most)}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section aria-label={words.analytics.hours} tabIndex={0} className="overflow-x-auto">
        <table className="w-full min-w-[52rem] table-fixed border-separate border-spacing-0.5 text-meta tabular-nums">
          <thead>
            <tr>
              <th scope="col" className="w-12 text-left font-normal">
                <span className="sr-only">{words.analytics.weekday}</span>
              </th>
              {Array.from({ length: 24 }, (_, each) => (
                <th key={hourOf(each)} scope="col" className="pb-1 font-normal text-faint" aria-label={hourOf(each)}>
                  {each}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {hours.map((line, day) => (
              <tr key={short[day]}>
                <th scope="row" className="text-left font-normal text-soft" aria-label={long[day]}>
                  {short[day]}
                </th>
                {line.map((n, each) => (
                  <td
                    key={hourOf(each)}
                    className={`h-7 rounded-sm text-center ${shades[most === 0 ? 0 : Math.ceil((n / most) * 4)]} ${n === most && n > 0 ? "font-semibold" : ""}`}
                  >
                    {n > 0 ? count(n) : <span className="text-faint">·</span>}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Section>
  );
}
