import type { Code, Paragraph, PhrasingContent, Table } from "mdast";

/** Columns of a monospace block that a phone shows without breaking lines. */
const phoneColumns = 36;

/**
 * A table for platforms that have none: a monospace block where it is narrow enough for a phone, else one paragraph a
 * row, each cell behind the head of its column.
 */
export function tableBlocks(table: Table): (Code | Paragraph)[] {
  const rows = table.children.map((row) => row.children.map((cell) => words(cell.children)));
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, column) => Math.max(1, ...rows.map((row) => width(row[column] ?? ""))));
  const total = widths.reduce((sum, one) => sum + one + 3, -3);
  const oneLine = rows.every((row) => row.every((cell) => !cell.includes("\n")));
  if (total > phoneColumns || !oneLine) return records(table, rows);
  const lines = rows.map((row) =>
    widths
      .map((wide, column) => pad(row[column] ?? "", wide))
      .join(" | ")
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((wide) => "-".repeat(wide)).join("-+-"));
  return [{ type: "code", value: lines.join("\n") }];
}

function records(table: Table, rows: readonly (readonly string[])[]): Paragraph[] {
  const head = rows[0] ?? [];
  const body = table.children.slice(1);
  if (body.length === 0) return [{ type: "paragraph", children: [{ type: "text", value: head.join(" | ") }] }];
  return body.map((row) => {
    const children: PhrasingContent[] = [];
    row.children.forEach((cell, column) => {
      if (cell.children.length === 0) return;
      if (children.length > 0) children.push({ type: "text", value: "\n" });
      const name = head[column];
      if (name) children.push({ type: "strong", children: [{ type: "text", value: `${name}:` }] }, { type: "text", value: " " });
      children.push(...cell.children);
    });
    return { type: "paragraph", children };
  });
}

/** The letters of inline content. */
export function words(nodes: readonly PhrasingContent[]): string {
  let all = "";
  for (const node of nodes) {
    if (node.type === "break") all += "\n";
    else if ("value" in node) all += node.value;
    else if ("children" in node) all += words(node.children);
  }
  return all;
}

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const narrow = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Columns in a monospace font, near enough for alignment. */
function width(text: string): number {
  let columns = 0;
  for (const character of text) columns += wide.test(character) ? 2 : narrow.test(character) ? 0 : 1;
  return columns;
}

function pad(text: string, to: number): string {
  return text + " ".repeat(Math.max(0, to - width(text)));
}
