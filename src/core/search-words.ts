/**
 * How text is cut into words to be found again. The same cut makes the index, reads what somebody looks for, and says which
 * letters of a message were meant, so that these three can't disagree.
 *
 * A word is a run of letters, marks and digits, in small letters, without accents and in compatible forms (NFKD). Scripts
 * that are written without spaces are cut letter by letter (with the marks on it): what is looked for there is found as a
 * phrase, wherever a dictionary would have cut.
 */
export interface FoundWord {
  readonly word: string;
  /** UTF-16 units of the text, the end excluded. */
  readonly from: number;
  readonly to: number;
  /** A single letter of a script without spaces. */
  readonly letter: boolean;
}

/** Longer ones are found by their beginning. */
const longestWord = 64;

const spaceless = "\\p{scx=Han}\\p{scx=Hiragana}\\p{scx=Katakana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}\\p{sc=Tibetan}";
const cut = new RegExp(
  `(?=[\\p{L}\\p{N}])[${spaceless}]\\p{M}*|(?:(?![${spaceless}])[\\p{L}\\p{N}])(?:(?![${spaceless}])[\\p{L}\\p{N}]|\\p{M})*`,
  "gu",
);
const oneLetter = new RegExp(`^[${spaceless}]\\p{M}*$`, "u");
/** Accents of scripts with capitals; elsewhere a mark is part of the word. */
const accents = /(?<=[\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\p{sc=Armenian}])\p{Mn}+/gu;
const plain = /^[a-z0-9]+$/;

export function wordsOf(text: string): FoundWord[] {
  const found: FoundWord[] = [];
  for (const match of text.matchAll(cut)) {
    const [raw] = match;
    const from = match.index;
    const word = folded(raw);
    if (word !== "") found.push({ word, from, to: from + raw.length, letter: raw.charCodeAt(0) > 0x0dff && oneLetter.test(raw) });
  }
  return found;
}

function folded(raw: string): string {
  const small = raw.toLowerCase();
  if (plain.test(small)) return small.slice(0, longestWord);
  const bare = raw
    .normalize("NFKD")
    .toLowerCase()
    .replace(accents, "")
    .normalize("NFC")
    .replace(/[^\p{L}\p{M}\p{N}]/gu, "");
  return bare.slice(0, longestWord).replace(/[\ud800-\udbff]$/, "");
}
