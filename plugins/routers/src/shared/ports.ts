type Range = readonly [from: number, to: number];

/** Port ranges without overlaps, which a set of intervals does not take. */
export function merged(ranges: readonly string[]): string[] {
  const result: [number, number][] = [];
  for (const [from, to] of ranges.map(parse).sort(([a], [b]) => a - b)) {
    const last = result.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result.map(text);
}

/** What of some ranges is in none of others. */
export function without(ranges: readonly string[], others: readonly string[]): string[] {
  let left = ranges.map(parse);
  for (const [from, to] of others.map(parse))
    left = left.flatMap(([low, high]): Range[] =>
      to < low || from > high
        ? [[low, high]]
        : (
            [
              [low, from - 1],
              [to + 1, high],
            ] as const
          ).filter(([a, b]) => a <= b),
    );
  return left.map(text);
}

function parse(range: string): Range {
  const [from, to = from] = range.split("-").map(Number);
  return [from!, to!];
}
const text = ([from, to]: Range): string => (from === to ? String(from) : `${from}-${to}`);
