/** Markup whose values are escaped already. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}
export type Part = Markup | string | number | false | null | undefined | readonly Part[];

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const written = (part: Part): string => {
  if (part instanceof Markup) return part.text;
  if (Array.isArray(part)) return part.map(written).join("");
  if (part === false || part === null || part === undefined) return "";
  return String(part).replace(/[&<>"']/g, (c) => escapes[c]!);
};

/** Markup from a template; what is put in is text unless it is Markup itself. Attributes must be quoted. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Markup =>
  new Markup(strings.map((s, i) => s + written(parts[i])).join(""));

/**
 * Makes `target` show the markup and keeps every element that is the same kind at the same place, so that focus, scrolling and
 * opened details survive an update. `data-share` and `data-from` (0 to 1) become lengths, which a strict policy forbids in markup.
 */
export function show(target: Element, markup: Markup): void {
  const wanted = document.createElement("template");
  wanted.innerHTML = markup.text;
  morph(target, wanted.content);
  for (const element of target.querySelectorAll<HTMLElement>("[data-share], [data-from]")) {
    if (element.dataset.share !== undefined) element.style.inlineSize = `${Number(element.dataset.share) * 100}%`;
    if (element.dataset.from !== undefined) element.style.insetInlineStart = `${Number(element.dataset.from) * 100}%`;
  }
}

function morph(now: Element, wanted: ParentNode): void {
  const next = [...wanted.childNodes];
  while (now.childNodes.length > next.length) now.lastChild!.remove();
  next.forEach((node, i) => {
    const there = now.childNodes[i];
    if (!there) now.append(node);
    else if (there.nodeName !== node.nodeName || keyOf(there) !== keyOf(node)) there.replaceWith(node);
    else if (there instanceof Element && node instanceof Element) {
      setAttributes(there, node);
      morph(there, node);
    } else if (there.nodeValue !== node.nodeValue) there.nodeValue = node.nodeValue;
  });
}

const keyOf = (node: Node) => (node instanceof Element ? node.getAttribute("data-key") : null);

function setAttributes(there: Element, wanted: Element): void {
  for (const { name } of [...there.attributes])
    if (!wanted.hasAttribute(name) && name !== "style" && name !== "open") there.removeAttribute(name);
  // What is typed or chosen stands in properties, which follow the attributes only until somebody touches them.
  if (there instanceof HTMLInputElement && /^(checkbox|radio)$/.test(there.type)) there.checked = wanted.hasAttribute("checked");
  else if (there instanceof HTMLInputElement && wanted.hasAttribute("value")) there.value = wanted.getAttribute("value")!;
  else if (there instanceof HTMLOptionElement) there.selected = wanted.hasAttribute("selected");
  for (const { name, value } of wanted.attributes)
    if (name !== "open" && there.getAttribute(name) !== value) there.setAttribute(name, value);
}
