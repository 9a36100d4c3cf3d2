import type { Expansion } from "../calendar/contract.ts";
import { createExpander, type Expander } from "../calendar/expander-worker.ts";
import { ianaZone, toWall } from "../calendar/zone.ts";
import { BadInput } from "../model/errors.ts";

export interface CalendarExpandArguments {
  ics?: string;
  from?: string;
  to?: string;
  /** Home zone; UTC when absent. */
  tz?: string;
  batch?: boolean;
  json?: boolean;
}
export interface CalendarExpandIo {
  stdin: AsyncIterable<string | Buffer>;
  stdout(text: string): void;
  stderr(text: string): void;
  readFile(file: string): Promise<string>;
}

/** One occurrence as the command prints it: UTC instants, or dates with an exclusive end for all-day events. */
interface PrintedOccurrence {
  uid: string;
  start: string;
  end: string;
  allDay: boolean;
  summary: string;
}

/** `calendar expand`: occurrences of a file, or of many calendars given as JSON lines. Exit code 0 ok, 1 a calendar failed, 2 bad input. */
export async function calendarExpand(args: CalendarExpandArguments, io: CalendarExpandIo): Promise<0 | 1 | 2> {
  const expander = createExpander();
  try {
    return await (args.batch ? expandBatch(args, io, expander) : expandOne(args, io, expander));
  } finally {
    await expander.close();
  }
}

async function expandOne(args: CalendarExpandArguments, io: CalendarExpandIo, expander: Expander): Promise<0 | 1 | 2> {
  const { ics, from, to, tz = "UTC" } = args;
  if (!ics || !from || !to) {
    io.stderr("calendar expand needs --ics FILE, --from ISO and --to ISO (or --batch)\n");
    return 2;
  }
  let text: string;
  try {
    text = await io.readFile(ics);
  } catch (error) {
    io.stderr(`--ics: ${ics} cannot be read: ${messageOf(error)}\n`);
    return 2;
  }
  try {
    const expansion = await expander.expand({ ics: text, from, to, timeZone: tz, showPrivate: true });
    io.stdout(`${JSON.stringify(printed(expansion, tz), null, args.json ? 0 : 2)}\n`);
    for (const problem of expansion.problems) io.stderr(`${problem}\n`);
    return expansion.complete ? 0 : 1;
  } catch (error) {
    io.stderr(`${messageOf(error)}\n`);
    return isBadInput(error) ? 2 : 1;
  }
}

async function expandBatch(args: CalendarExpandArguments, io: CalendarExpandIo, expander: Expander): Promise<0 | 1 | 2> {
  let code: 0 | 1 | 2 = 0;
  for await (const line of lines(io.stdin)) {
    if (line.trim() === "") continue;
    let name = "";
    try {
      const item = readCase(line);
      name = item.name;
      const timeZone = item.tz ?? args.tz ?? "UTC";
      const expansion = await expander.expand({ ics: item.ics, from: item.from, to: item.to, timeZone, showPrivate: true });
      expander.forget(item.ics);
      // Part of the occurrences would look like all of them.
      if (!expansion.complete) throw new Error(expansion.problems.at(-1));
      io.stdout(`${JSON.stringify({ name, ...printed(expansion, timeZone) })}\n`);
    } catch (error) {
      if (code !== 2) code = isBadInput(error) && name === "" ? 2 : 1;
      io.stdout(`${JSON.stringify({ name, error: messageOf(error) })}\n`);
    }
  }
  return code;
}

function readCase(line: string): { name: string; ics: string; from: string; to: string; tz?: string } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new BadInput("", 'a line is not JSON; expected {"name", "ics", "from", "to", "tz"}');
  }
  const item = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const text = (field: string): string => {
    const found = item[field];
    if (typeof found !== "string") throw new BadInput(field, "is missing; expected a text");
    return found;
  };
  return {
    name: text("name"),
    ics: text("ics"),
    from: text("from"),
    to: text("to"),
    ...(typeof item.tz === "string" ? { tz: item.tz } : {}),
  };
}

function printed(expansion: Expansion, timeZone: string): { occurrences: PrintedOccurrence[]; problems?: readonly string[] } {
  const zone = ianaZone(timeZone)!;
  const date = (instant: string): string => new Date(toWall(zone, Date.parse(instant))).toISOString().slice(0, 10);
  const occurrences = expansion.occurrences.map(({ uid, start, end, allDay, summary }) =>
    allDay ? { uid, start: date(start), end: date(end), allDay, summary } : { uid, start, end, allDay, summary },
  );
  return expansion.problems.length > 0 ? { occurrences, problems: expansion.problems } : { occurrences };
}

const isBadInput = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "bad-input";
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function* lines(chunks: AsyncIterable<string | Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    rest += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    // Cutting only when there is a line: a rest that grows is not searched again and again.
    const cut = rest.lastIndexOf("\n");
    if (cut < 0) continue;
    yield* rest.slice(0, cut).split("\n");
    rest = rest.slice(cut + 1);
  }
  if (rest !== "") yield rest;
}
