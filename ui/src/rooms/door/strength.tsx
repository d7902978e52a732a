import { classes } from "../../parts/classes.ts";
import { words } from "../../words/words.ts";

/** Characters that the gateway asks for at least. */
export const shortestPassword = 12;

/** How hard a password is to guess, 0 to 3: length counts most, repetition and runs count little. A hint, never a rule. */
export function strengthOf(password: string): 0 | 1 | 2 | 3 {
  if (password.length < shortestPassword) return 0;
  let worth = 0;
  for (let at = 0; at < password.length; at++) {
    const step = password.charCodeAt(at) - password.charCodeAt(at - 1);
    const again = password.indexOf(password[at] as string) < at;
    worth += Math.abs(step) <= 1 ? 0.25 : again ? 0.6 : 1;
  }
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password)).length;
  worth += kinds - 1;
  return worth < 9 ? 1 : worth < 14 ? 2 : 3;
}

const fills = ["w-[8%] bg-bad", "w-1/3 bg-warn", "w-2/3 bg-accent", "w-full bg-good"] as const;

export function PasswordStrength({ password }: { readonly password: string }) {
  const strength = strengthOf(password);
  const missing = shortestPassword - password.length;
  return (
    <span className="grid gap-1.5">
      <span aria-hidden className="block h-1 overflow-hidden rounded-full bg-hover">
        {password && <span className={classes("block h-full rounded-full transition-[width]", fills[strength])} />}
      </span>
      <span aria-live="polite">
        {missing > 0
          ? words.setup.passwordMissing(password ? missing : shortestPassword, password !== "")
          : words.setup.strengths[strength]}
      </span>
    </span>
  );
}
