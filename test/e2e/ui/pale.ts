/** In the page: texts whose contrast with what is behind them is below 4.5 : 1 (WCAG 2.2, 1.4.3), bars under them included. */
export function pale(): string[] {
  type Colour = readonly [number, number, number, number];
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
  const known = new Map<string, Colour>();
  const colour = (css: string, opacity = 1): Colour => {
    const seen = known.get(`${css} ${opacity}`);
    if (seen) return seen;
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = css;
    canvas.fillRect(0, 0, 1, 1);
    const [r = 0, g = 0, b = 0, a = 0] = canvas.getImageData(0, 0, 1, 1).data;
    const found: Colour = [r, g, b, (a / 255) * opacity];
    known.set(`${css} ${opacity}`, found);
    return found;
  };
  const over = ([r, g, b, a]: Colour, under: Colour): Colour => [
    r * a + under[0] * (1 - a),
    g * a + under[1] * (1 - a),
    b * a + under[2] * (1 - a),
    1,
  ];
  const behind = (element: Element): Colour => {
    const own = colour(getComputedStyle(element).backgroundColor);
    return own[3] === 1 || !element.parentElement ? own : over(own, behind(element.parentElement));
  };
  const luminance = (c: Colour) =>
    [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
      const v = c[i]! / 255;
      return sum + weight * (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    }, 0);
  const found = new Set<string>();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement!;
    const text = texts.currentNode.nodeValue!.trim();
    if (!text || !element.checkVisibility() || element.closest("script, noscript, .hidden, .skip")) continue;
    const base = behind(element);
    const fill = element.closest(".bar")?.querySelector(".fill");
    const grounds = [base];
    if (fill) grounds.push(over(colour(getComputedStyle(fill).backgroundColor, Number(getComputedStyle(fill).opacity)), base));
    for (const ground of grounds) {
      const ink = over(colour(getComputedStyle(element).color), ground);
      const [light = 0, dark = 0] = [luminance(ink), luminance(ground)].sort((a, b) => b - a);
      const contrast = (light + 0.05) / (dark + 0.05);
      if (contrast < 4.5) found.add(`${text.slice(0, 40)}: ${contrast.toFixed(2)}`);
    }
  }
  return [...found];
}
