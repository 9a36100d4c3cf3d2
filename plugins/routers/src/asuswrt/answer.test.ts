import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeVariable, obstacleOf, readAnswer, readLenient } from "./answer.ts";

const where = { router: "main", request: "test" };

describe("what ASUSWRT calls JSON", () => {
  const odd: [string, string, unknown][] = [
    ["a byte order mark", '\ufeff{"a":"1"}', { a: "1" }],
    ["a comma in front of everything", '{ , "wgs_enable":"", "wgs_port":"" }', { wgs_enable: "", wgs_port: "" }],
    ["commas of hooks that say nothing", '{\n,\n"a":"1",\n,\n"b":"2",\n}\n', { a: "1", b: "2" }],
    ["keys without a value", '{"result":}', { result: null }],
    ["keys without a value in the middle", '{"a":,"b": {"c": } }', { a: null, b: { c: null } }],
    ["control characters in text", '{"a":"x\u0001\ny"}', { a: "xy" }],
    ["escapes JSON has not", `{"a":"it\\'s \\u00e4 \\u12 \\n"}`, { a: "it's ä u12 \n" }],
    ["commas that mean something in text", '{"a":"x, , y",}', { a: "x, , y" }],
    ["something behind the end", '{\n"error_status":"7"\n}\n,"remaining_lock_time":"290"', { error_status: "7" }],
    ["a key of its prototype", '{,"__proto__":{"a":1}}', JSON.parse('{"__proto__":{"a":1}}')],
    ["lists and numbers", "[1,-2.5,true,false,null,]", [1, -2.5, true, false, null]],
  ];
  for (const [what, text, value] of odd) it(`has ${what}`, () => expect(readAnswer(text, where)).toEqual(value));

  it("is read as anybody reads it where it is JSON", () => {
    fc.assert(
      fc.property(fc.json(), (text) => void expect(readLenient(text)).toEqual(JSON.parse(text))),
      { seed: 7, numRuns: 200 },
    );
  });

  it("is read in no time where it is deep, or not it at all", () => {
    for (const text of ["[".repeat(1_000_000), "{", '{"a', '{"a"', "{a:1}", "", "<html>", "nul"]) expect(readLenient(text)).toBeUndefined();
    expect(() => readAnswer("<html>secret</html>", where)).toThrow(/got a web page/);
    expect(() => readAnswer("<html>secret</html>", where)).not.toThrow(/secret/);
  });

  it("may be of the last of two values", () => {
    expect(readAnswer('{"a":"1","a":"2"}', where)).toEqual({ a: "2" });
  });
});

describe("text of a variable", () => {
  const cases: [string, string | undefined][] = [
    // As a recording of an RT-AX88U shows rules of parental control.
    ["2&#622&#620", "2>2>0"],
    ["W03E21000700&#60W04122000800", "W03E21000700<W04122000800"],
    ["&#60a&#62b&#38", "<a>b&"],
    ["&#60;a", "<;a"],
    ["&#195&#1641", "ä1"],
    // Of firmware whose bytes have signs.
    ["&#-61&#-921", "ä1"],
    ["ä & plain", "ä & plain"],
    ["&#228bc", undefined],
    ["", ""],
  ];
  for (const [shown, text] of cases) it(`${shown} is ${text}`, () => expect(decodeVariable(shown)).toBe(text));

  it("comes back as it went in", () => {
    const shown = (text: string) =>
      [...Buffer.from(text)]
        .map((b) => (b < 0x20 || b > 0x7e || '"&<>\\'.includes(String.fromCharCode(b)) ? `&#${b}` : String.fromCharCode(b)))
        .join("");
    const text = fc.string({ unit: fc.constantFrom(...'<>&\\"#0123456789aäß漢🙂 ;-') });
    fc.assert(
      fc.property(text, (one) => void expect(decodeVariable(shown(one))).toBe(one)),
      { seed: 7, numRuns: 500 },
    );
  });
});

describe("why an ASUS router does not answer", () => {
  const cases: [string, ReturnType<typeof obstacleOf>][] = [
    ['{\n"error_status":"2"\n}\n', { code: 2, lockedFor: 0 }],
    ['\ufeff{ "error_status":9 }', { code: 9, lockedFor: 0 }],
    ['{\n"error_status":"7"\n}\n,"remaining_lock_time":"290"', { code: 7, lockedFor: 290 }],
    ['{"error_status":"7","remaining_lock_time":12}', { code: 7, lockedFor: 12 }],
    ["<script>top.location.href='/Main_Login.asp?error_status=2&page=x';</script>", { code: 2, lockedFor: 0 }],
    [
      '<HTML><HEAD><meta http-equiv="refresh" content="0; url=/Main_Login.asp?error_status=7&lock_time=60"></HEAD>',
      { code: 7, lockedFor: 60 },
    ],
    ["<script>top.location.href='/Main_Login.asp';</script>", { code: 2, lockedFor: 0 }],
    ['{"get_clientlist":{"x":{"name":"\\"error_status\\":\\"3\\""}}}', undefined],
    ["<html>hotspot</html>", undefined],
    ["", undefined],
  ];
  for (const [text, obstacle] of cases) it(`${JSON.stringify(text)}`, () => expect(obstacleOf(text)).toEqual(obstacle));
});
