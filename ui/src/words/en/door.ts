import { plural } from "./plural.ts";

export const setup = {
  title: "Create the owner",
  lead: "This gateway is new. Whoever runs it needs a name and a password.",
  doneTitle: "Already set up",
  doneLead: "This gateway has an owner. Sign in to go on.",
  openLink: "This gateway has no owner yet. Open the link with #setup= that it printed at its start.",
  enterToken: "Enter the setup token by hand",
  token: "Setup token",
  tokenHint: "The gateway printed a link with #setup= at its start: paste the link, or what follows the equals sign.",
  tokenMissing: "Paste the setup token.",
  name: "Name",
  nameMissing: "Enter a name.",
  password: "Password",
  passwordShort: (least: number) => `Use at least ${least} characters.`,
  passwordMissing: (missing: number, begun: boolean) =>
    begun ? `${plural(missing, "more character", "more characters")} to go` : `At least ${missing} characters`,
  strengths: ["Too short", "Easy to guess: make it longer or more varied", "Good", "Strong"],
  act: "Create owner",
} as const;

/** The doors that a link for one use opens. */
export const link = {
  joinTitle: "Join",
  joinLead: "You were invited to this gateway. Choose the name and the password with which you sign in.",
  join: "Join",
  resetTitle: "New password",
  resetLead: "Choose the password with which you sign in from now on. It signs you out everywhere else.",
  reset: "Set the password",
  noneTitle: "This page needs its link",
  noneLead: "Open the whole link that you were sent once more. It works once, for a limited time.",
} as const;

export const login = {
  title: "Sign in",
  lead: "To the gateway that serves this page.",
  leadBack: "Your login is over. Sign in, and you'll be back where you were.",
  leadAgain: "Your login is over. Sign in again: what you were writing is still there.",
  passwordMissing: "Enter the password.",
  act: "Sign in",
} as const;
