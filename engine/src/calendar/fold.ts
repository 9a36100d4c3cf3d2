const letters: Readonly<Record<string, string>> = { ß: "ss", ø: "o", æ: "ae", œ: "oe", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i" };

/** A text as it is compared: lower case, without diacritics, anything but letters and digits as one blank. */
export function fold(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\p{M}+/gu, "")
    .replace(/[ßøæœłđðþı]/g, (letter) => letters[letter]!)
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** Languages that do not put blanks between words. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;

/** True when a folded text has a folded phrase in it as whole words. Asked for every word of every persona: makes no strings. */
export function hasPhrase(text: string, phrase: string): boolean {
  if (phrase === "") return false;
  if (unspaced.test(phrase)) return text.includes(phrase);
  for (let at = text.indexOf(phrase); at >= 0; at = text.indexOf(phrase, at + 1))
    if (isEdge(text, at - 1) && isEdge(text, at + phrase.length)) return true;
  return false;
}
const isEdge = (text: string, at: number): boolean => at < 0 || at === text.length || text[at] === " ";
