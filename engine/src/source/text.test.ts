import { expect, it } from "vitest";
import { decodeText } from "./text.ts";

const bytes = (...parts: (string | number[])[]): Uint8Array => Buffer.concat(parts.map((part) => Buffer.from(part as string)));

it("decodes by mark, announcement and what the bytes are", () => {
  expect(decodeText([Buffer.from("\ufeffMüll", "utf16le")], undefined)).toBe("Müll");
  expect(decodeText([bytes("Müll")], "iso-8859-1")).toBe("Müll");
  for (const announced of [undefined, "UTF-8", "utf8"]) expect(decodeText([bytes("M", [0xfc], "ll")], announced)).toBe("Müll");
  expect(decodeText([bytes([0xcf, 0xf0, 0xe8])], "windows-1251")).toBe("При");
  expect(decodeText([bytes("Müll")], "nonsense")).toBe("Müll");
});

it("mends characters that were folded in their middle, also across what came in pieces", () => {
  const [first, second] = [0xc3, 0xbc];
  const folded = bytes("SUMMARY:M", [first], "\r\n ", [second], "ll\r\nLOCATION:Köln", [0xf0, 0x9f], "\n\t", [0x8e, 0xb8], "\r\n");
  expect(decodeText([folded], undefined)).toBe("SUMMARY:Müll\r\nLOCATION:Köln🎸\r\n");
  expect(decodeText([folded.subarray(0, 11), folded.subarray(11)], "utf-8")).toBe("SUMMARY:Müll\r\nLOCATION:Köln🎸\r\n");
  // What is Windows-1252 stays so, folds and all.
  expect(decodeText([bytes("M", [0xfc], "ll\r\n ", [0x84], "a", [0x93])], undefined)).toBe("Müll\r\n „a“");
});
