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
  const { activeElement } = document;
  const [focused, ...around] =
    activeElement && target !== activeElement && target.contains(activeElement) ? upTo(target, activeElement) : [];
  morph(target, wanted.content);
  for (const element of target.querySelectorAll<HTMLElement>("[data-share], [data-from]")) {
    if (element.dataset.share !== undefined) element.style.inlineSize = `${Number(element.dataset.share) * 100}%`;
    if (element.dataset.from !== undefined) element.style.insetInlineStart = `${Number(element.dataset.from) * 100}%`;
  }
  if (focused && document.activeElement !== focused) keepFocus(target, focused as HTMLElement, around);
}

/** An element and those around it, from the inside. */
const upTo = (target: Element, element: Element): Element[] =>
  element === target ? [] : [element, ...upTo(target, element.parentElement!)];

/** Whoever uses the keyboard goes on where they were: at what was moved, else at what does the same, else at what was around it. */
function keepFocus(target: Element, focused: HTMLElement, around: readonly Element[]): void {
  const means = (element: HTMLElement) => JSON.stringify(Object.entries(element.dataset));
  const same = focused.isConnected
    ? focused
    : focused.dataset.do && [...target.querySelectorAll<HTMLElement>("[data-do]")].find((element) => means(element) === means(focused));
  const place =
    same ||
    (around.find((element) => element.isConnected && keyOf(element) !== null) ??
      target.querySelector("[autofocus]") ??
      target.querySelector("main"));
  if (!(place instanceof HTMLElement)) return;
  if (!same && !place.matches("input")) place.tabIndex = -1;
  place.focus({ preventScroll: true });
}

function morph(now: Element, wanted: ParentNode): void {
  const next = [...wanted.childNodes];
  const known = byKey([...now.childNodes]);
  const stays = byKey(next);
  next.forEach((node, i) => {
    const own = known.get(placeOf(node));
    known.delete(placeOf(node));
    if (own && own !== now.childNodes[i]) now.insertBefore(own, now.childNodes[i] ?? null);
    const there = now.childNodes[i];
    if (!there) now.append(node);
    else if (there.nodeName !== node.nodeName || keyOf(there) !== keyOf(node)) {
      // What only moves further down is not thrown away.
      if (stays.has(placeOf(there))) now.insertBefore(node, there);
      else there.replaceWith(node);
    } else if (there instanceof Element && node instanceof Element) {
      setAttributes(there, node);
      morph(there, node);
    } else if (there.nodeValue !== node.nodeValue) there.nodeValue = node.nodeValue;
  });
  while (now.childNodes.length > next.length) now.lastChild!.remove();
}

const placeOf = (node: Node): string => `${node.nodeName} ${keyOf(node)}`;
const byKey = (nodes: readonly Node[]) =>
  new Map(nodes.flatMap((node): [string, Node][] => (keyOf(node) === null ? [] : [[placeOf(node), node]])));

const keyOf = (node: Node) => (node instanceof Element ? node.getAttribute("data-key") : null);

/** Attributes that are not of the markup: what somebody opened, where the focus was put, what `show` wrote. */
const kept: ReadonlySet<string> = new Set(["style", "open", "tabindex"]);

function setAttributes(there: Element, wanted: Element): void {
  for (const { name } of [...there.attributes]) if (!wanted.hasAttribute(name) && !kept.has(name)) there.removeAttribute(name);
  // What is typed or chosen stands in properties, which follow the attributes only until somebody touches them.
  if (there instanceof HTMLInputElement && /^(checkbox|radio)$/.test(there.type)) there.checked = wanted.hasAttribute("checked");
  else if (there instanceof HTMLInputElement && wanted.hasAttribute("value")) there.value = wanted.getAttribute("value")!;
  else if (there instanceof HTMLOptionElement) there.selected = wanted.hasAttribute("selected");
  for (const { name, value } of wanted.attributes)
    if (name !== "open" && there.getAttribute(name) !== value) there.setAttribute(name, value);
}
