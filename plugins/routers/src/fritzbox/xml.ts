import { Rejected } from "@network-personas/engine/driver";
import sax from "sax";

/** An element without its attributes; names are without prefix. */
export interface Element {
  name: string;
  text: string;
  children: Element[];
}

/** Deeper than anything a FRITZ!Box sends. */
const deepest = 32;

/** Reads XML without document types, so that no entity can grow. @throws Rejected that shows nothing of the text */
export function parseXml(text: string, where: { router: string; request: string }): Element {
  // Names of devices with an ampersand that nobody escaped must not hide all the others.
  for (const written of [text, text.replace(/&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[\da-f]{1,6});)/gi, "&amp;")])
    try {
      return readElement(written);
    } catch {
      // The next, if any.
    }
  const start = text.trimStart().toLowerCase();
  const seen = start === "" ? "nothing" : /^<(!doctype )?html/.test(start) ? "a web page" : "something else, or XML that is damaged";
  throw new Rejected(`expected XML but got ${seen}`, where, { retryable: true });
}

function readElement(text: string): Element {
  const top: Element = { name: "", text: "", children: [] };
  const open = [top];
  const parser = sax.parser(true);
  const add = (part: string) => {
    open.at(-1)!.text += part;
  };
  parser.onerror = (error) => {
    throw error;
  };
  parser.ondoctype = () => {
    throw new Error("document type");
  };
  parser.ontext = add;
  parser.oncdata = add;
  parser.onopentag = ({ name }) => {
    if (open.length > deepest) throw new Error("too deep");
    const element: Element = { name: name.slice(name.indexOf(":") + 1), text: "", children: [] };
    open.at(-1)!.children.push(element);
    open.push(element);
  };
  parser.onclosetag = () => void open.pop();
  parser.write(text).close();
  if (top.children.length !== 1) throw new Error("not one root");
  return top.children[0]!;
}

export const child = (element: Element | undefined, name: string): Element | undefined => element?.children.find((c) => c.name === name);

/** The trimmed text of a child; "" when there is none. */
export const textOf = (element: Element | undefined, name: string): string => child(element, name)?.text.trim() ?? "";

/** Elements of that name at any depth, in document order. */
export function* all(element: Element, name: string): Generator<Element> {
  for (const each of element.children) {
    if (each.name === name) yield each;
    yield* all(each, name);
  }
}

export const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" })[c]!);
