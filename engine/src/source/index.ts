export { dropOtherCopies, fileCopyStore, noCopyStore } from "./copy-store.ts";
export { CalendarError, type CalendarErrorCode } from "./errors.ts";
export { handshakeTime } from "./line-probe.ts";
export { openCalendar } from "./open-calendar.ts";
export type { CalendarCopy, CalendarSource, CopyStore, ResolvedCalendar, SourceEnvironment } from "./port.ts";
