import { Rejected } from "@network-personas/engine/driver";
import { expect, it } from "vitest";
import { all, child, escapeXml, parseXml, textOf } from "./xml.ts";

const where = { router: "main", request: "hosts" };
const failure = (text: string): Error => {
  try {
    parseXml(text, where);
  } catch (error) {
    return error as Error;
  }
  throw new Error("was read");
};

it("reads elements by name, whatever their prefix", () => {
  const root = parseXml('<?xml version="1.0"?><s:A xmlns:s="x"><u:B><C>1 &amp; 2</C><C/></u:B><D><![CDATA[<3>]]></D></s:A>', where);
  expect(root.name).toBe("A");
  expect(textOf(child(root, "B"), "C")).toBe("1 & 2");
  expect([...all(root, "C")].map((c) => c.text)).toEqual(["1 & 2", ""]);
  expect(textOf(root, "D")).toBe("<3>");
  expect(textOf(root, "E")).toBe("");
});

it("reads names that nobody escaped as they are meant", () => {
  const root = parseXml("<List><Item>Tom & Jerry&nbsp;&amp; Co &#228;</Item><Item>tv</Item></List>", where);
  expect([...all(root, "Item")].map((item) => item.text)).toEqual(["Tom & Jerry&nbsp;& Co ä", "tv"]);
});

it("escapes what it writes", () => {
  expect(parseXml(`<a>${escapeXml(`<&>"'`)}</a>`, where).text).toBe(`<&>"'`);
});

it("refuses what is not XML, without repeating it", () => {
  for (const [text, seen] of [
    ["", /got nothing/],
    ["<!DOCTYPE html><html><body>secret</body></html>", /a web page/],
    ["<a><b>secret</a>", /damaged/],
    ["<a/><b/>secret", /damaged/],
    ["secret", /something else/],
    [`<a>${"<b>".repeat(200)}`, /damaged/],
  ] as const) {
    const error = failure(text);
    expect(error).toBeInstanceOf(Rejected);
    expect(error.message).toMatch(seen);
    expect(error.message).not.toContain("secret");
  }
});

it("expands no entities of a document type", () => {
  const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>`;
  expect(failure(bomb)).toBeInstanceOf(Rejected);
});
