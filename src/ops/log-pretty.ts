import { escapeControls } from "./controls.ts";

const colours: Readonly<Record<string, number>> = { debug: 90, info: 36, warn: 33, error: 31 };

/** A finished JSON line for a person at a terminal: `12:00:05 warn  login-throttle peer="127.0.0.1"`. */
export function prettyLine(line: string): string {
  let parsed: { [key: string]: unknown };
  try {
    parsed = JSON.parse(line);
  } catch {
    return line; // masking took a part of the JSON itself: better ugly than lost
  }
  // Parsing has turned escapes into characters again: all of them are escaped anew.
  const { level, time, event, ...fields } = parsed;
  const clock = new Date(String(time)).toTimeString().slice(0, 8);
  const rest = Object.entries(fields).map(
    ([key, value]) => ` \u001b[90m${escapeControls(key)}=\u001b[0m${escapeControls(JSON.stringify(value))}`,
  );
  return `\u001b[90m${clock}\u001b[0m \u001b[${colours[String(level)] ?? 0}m${escapeControls(String(level)).padEnd(5)}\u001b[0m ${escapeControls(String(event))}${rest.join("")}\n`;
}
