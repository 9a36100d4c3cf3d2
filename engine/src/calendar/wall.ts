/**
 * Wall times and calendar arithmetic without a zone: a wall time is the number of milliseconds since 1970-01-01 00:00 on the clock on
 * the wall, a day the number of days since then. Proleptic Gregorian, as RFC 5545 has it.
 */
export type Wall = number;
export type Day = number;

export const dayMs = 86_400_000;
export const dayOf = (wall: Wall): Day => Math.floor(wall / dayMs);
export const wallOf = (year: number, month: number, day: number, hour = 0, minute = 0, second = 0): Wall => {
  const wall = Date.UTC(year < 100 ? 2000 : year, month - 1, day, hour, minute, second);
  if (year >= 100) return wall;
  const date = new Date(wall); // Date.UTC takes 0..99 for 1900..1999
  return date.setUTCFullYear(year, month - 1, day);
};

export interface YearMonthDay {
  year: number;
  /** 1..12 */
  month: number;
  /** 1..31 */
  day: number;
}

/** Civil date of a day number (Howard Hinnant's days algorithm, as an equation). */
export function civil(day: Day): YearMonthDay {
  const z = day + 719_468;
  const era = Math.floor(z / 146_097);
  const ofEra = z - era * 146_097;
  const yearOfEra = Math.floor((ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365);
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * ofYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day: ofYear - Math.floor((153 * shifted + 2) / 5) + 1 };
}

/** Day number of a civil date. */
export function dayNumber(year: number, month: number, day: number): Day {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const ofYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + ofYear - 719_468;
}

export const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
const lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
export const daysInMonth = (year: number, month: number): number => (month === 2 && isLeap(year) ? 29 : lengths[month - 1]!);
/** 0 = Monday .. 6 = Sunday. */
export const weekday = (day: Day): number => (((day + 3) % 7) + 7) % 7;

/** First day of week 1 of a year: the first week with at least four days in it; `weekStart` 0 = Monday. */
export function firstWeek(year: number, weekStart: number): Day {
  const january4 = dayNumber(year, 1, 4);
  return january4 - ((weekday(january4) - weekStart + 7) % 7);
}
