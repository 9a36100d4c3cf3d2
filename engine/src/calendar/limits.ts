/** What one calendar may cost. Whatever is cut off is reported among the problems of its expansion. */
export const limits = {
  /** Characters of text. */
  text: 20_000_000,
  /** VEVENTs per text. */
  events: 50_000,
  /** Occurrences of one series in one window. */
  occurrencesPerSeries: 2_000,
  /** Occurrences of one calendar in one window. */
  occurrences: 50_000,
  /** Units of work (days or times looked at) per rule; a unit takes well below a microsecond, so this keeps a rule under 250 ms. */
  work: 400_000,
  /** Units of work for all rules of one answer, so that a calendar full of bombs still shows what is harmless. */
  workPerAnswer: 20_000_000,
  /** Characters of one line that decides on times, some thousand dates. */
  line: 100_000,
  /** Wall time for one calendar in the worker, ms. */
  time: 10_000,
  /** Calendars whose index is kept at hand. */
  calendars: 64,
  /** Heap of the worker, MB. */
  memory: 512,
} as const;
