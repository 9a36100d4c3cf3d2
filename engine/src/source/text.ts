/** Bytes as text: by the charset that was announced, a byte order mark, or as UTF-8; what is no UTF-8 is Windows-1252. */
export function decodeText(chunks: readonly Uint8Array[], charset: string | undefined): string {
  const first = chunks.find((c) => c.length >= 2);
  const mark = first ? (first[0]! << 8) | first[1]! : 0;
  if (mark === 0xfffe) return decode(chunks, "utf-16le", false)!;
  if (mark === 0xfeff) return decode(chunks, "utf-16be", false)!;
  const announced = (charset && isKnown(charset) ? charset : "utf-8").toLowerCase().replace(/^utf8$/, "utf-8");
  // Many servers announce Latin-1 by habit for what is UTF-8.
  const utf8 =
    announced !== "utf-8" && !/^(iso-8859-1|latin1|us-ascii|windows-1252)$/.test(announced)
      ? undefined
      : (decode(chunks, "utf-8", true) ?? decode([withWholeCharacters(chunks)], "utf-8", true));
  return utf8 ?? decode(chunks, announced === "utf-8" ? "windows-1252" : announced, false)!;
}

/** Puts characters together again that were folded in their middle: a fold counts bytes, and not every program minds what they mean. */
function withWholeCharacters(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = Buffer.concat(chunks);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const fold = bytes[i] === 13 ? i + 1 : i;
    const isBlank = bytes[fold + 1] === 32 || bytes[fold + 1] === 9;
    if (bytes[fold] === 10 && isBlank && (bytes[fold + 2]! & 0xc0) === 0x80) i = fold + 1;
    else bytes[length++] = bytes[i]!;
  }
  return bytes.subarray(0, length);
}

function isKnown(charset: string): boolean {
  try {
    new TextDecoder(charset);
    return true;
  } catch {
    return false;
  }
}

function decode(chunks: readonly Uint8Array[], charset: string, fatal: boolean): string | undefined {
  const decoder = new TextDecoder(charset, { fatal });
  try {
    return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("") + decoder.decode();
  } catch {
    return undefined;
  }
}
