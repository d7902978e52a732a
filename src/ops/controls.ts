/**
 * What breaks a line or steers a terminal, as visible escapes: C0 and C1 controls, line separators, and the marks that
 * turn the direction of text around (CVE-2021-42574).
 */
export function escapeControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
  return text.replace(controls, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
