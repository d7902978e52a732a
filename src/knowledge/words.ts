/** Scripts that put no blanks between words. */
const unspaced = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;
const segmenter = new Intl.Segmenter("und", { granularity: "word" });

/** The text with blanks between its words, as the index takes it: what it cuts itself it leaves as it is. */
export function spaced(text: string): string {
  if (!unspaced.test(text)) return text;
  return [...segmenter.segment(text)].map(({ segment, isWordLike }) => (isWordLike ? ` ${segment} ` : segment)).join("");
}

/** Words of a question that count: a question that is longer is a document. */
const most = 48;

/** Each word once, but for single letters of scripts that have longer words, in lower case and without accents, as they stand in the index. */
export function wordsOf(question: string): readonly string[] {
  const plain = spaced(question.slice(0, 4_000)).normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const words = (plain.match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => word.length > 1 || unspaced.test(word) || /\d/.test(word));
  return [...new Set(words)].slice(0, most);
}
