/** Deterministic numbers 0..1 (a 32-bit xorshift). */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

export interface FeedShape {
  events: number;
  recurring: number;
  years: number;
  seed: number;
}

const day = 86_400_000;
const titles = [
  "Stand-up",
  "Lunch with Kim",
  "Client call",
  "Swimming",
  "Parents' evening",
  "Raid",
  "Film night",
  "Design review",
  "Dentist",
  "Guitar lesson",
];
const rules = [
  "DAILY;INTERVAL=2",
  "WEEKLY;BYDAY=TU,TH",
  "WEEKLY",
  "MONTHLY;BYMONTHDAY=15",
  "MONTHLY;BYDAY=-1FR",
  "YEARLY",
  "WEEKLY;INTERVAL=2;BYDAY=MO",
  "DAILY;BYDAY=MO,TU,WE,TH,FR",
];
const prose = "Please bring the notes of last time and say beforehand what you want to talk about. ";

/** A calendar such as a busy account exports after some years: most events alone, some repeating, with exceptions, guests and alarms. */
export function makeFeed({ events, recurring, years, seed }: FeedShape, end: number): string {
  const random = randomNumbers(seed);
  const under = (n: number): number => Math.floor(random() * n);
  const one = <T>(list: readonly T[]): T => list[under(list.length)]!;
  const lines: string[] = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//bench//EN",
    "X-WR-CALNAME:Bench",
    "X-WR-TIMEZONE:Europe/Berlin",
    "BEGIN:VTIMEZONE",
    "TZID:Europe/Berlin",
    "BEGIN:STANDARD",
    "DTSTART:19701025T030000",
    "TZOFFSETFROM:+0200",
    "TZOFFSETTO:+0100",
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    "END:STANDARD",
    "BEGIN:DAYLIGHT",
    "DTSTART:19700329T020000",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0200",
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
    "END:DAYLIGHT",
    "END:VTIMEZONE",
  ];
  for (let i = 0; i < events; i++) {
    const start = end - under(years * 365) * day + under(3) * day + (7 * 4 + under(56)) * 900_000;
    const allDay = random() < 0.12;
    const zoned = (name: string, at: number): string =>
      allDay ? `${name};VALUE=DATE:${basic(at).slice(0, 8)}` : `${name};TZID=Europe/Berlin:${basic(at)}`;
    lines.push(
      "BEGIN:VEVENT",
      `UID:bench-${i}@example.org`,
      "DTSTAMP:20260101T000000Z",
      zoned("DTSTART", start),
      zoned("DTEND", start + (allDay ? day : (1 + under(6)) * 1_800_000)),
    );
    if (i < recurring) {
      const bound = random();
      const until = allDay ? basic(start + under(900) * day).slice(0, 8) : `${basic(start + under(900) * day)}Z`;
      lines.push(`RRULE:FREQ=${one(rules)}${bound < 0.35 ? `;UNTIL=${until}` : bound < 0.45 ? `;COUNT=${4 + under(80)}` : ""}`);
      for (let k = under(3); k > 0; k--) lines.push(zoned("EXDATE", start + under(50) * 7 * day));
    }
    lines.push(
      `SUMMARY:${one(titles)}`,
      `DESCRIPTION:${prose.repeat(1 + under(4)).replaceAll(",", "\\,")}https://calls.example.org/room/${i}`,
      "LOCATION:Room 4",
      "SEQUENCE:1",
      "STATUS:CONFIRMED",
      "TRANSP:OPAQUE",
    );
    for (let k = under(5); k > 0; k--)
      lines.push(`ATTENDEE;CN=Guest number ${k};ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:guest-${k}@example.org`);
    if (random() < 0.4) lines.push("BEGIN:VALARM", "TRIGGER:-PT15M", "ACTION:DISPLAY", "DESCRIPTION:soon", "END:VALARM");
    lines.push("END:VEVENT");
    if (i < recurring && !allDay && random() < 0.25) {
      const moved = start + 28 * day;
      lines.push(
        "BEGIN:VEVENT",
        `UID:bench-${i}@example.org`,
        zoned("RECURRENCE-ID", moved),
        zoned("DTSTART", moved + 7_200_000),
        zoned("DTEND", moved + 9_000_000),
        "SEQUENCE:2",
        "SUMMARY:Moved",
        "END:VEVENT",
      );
    }
  }
  return `${[...lines, "END:VCALENDAR"].map(folded).join("\r\n")}\r\n`;
}

const basic = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace(/[-:]/g, "");
function folded(line: string): string {
  if (line.length <= 75) return line;
  return [line.slice(0, 75), ...(line.slice(75).match(/.{1,74}/g) ?? [])].join("\r\n ");
}
