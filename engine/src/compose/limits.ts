import { classTable, type TrafficClass } from "@network-personas/personas";

/** Share of a direction that all guarantees together may take: the rest is the reserve nobody can claim. */
export const guaranteeShare = 0.9;
/** Share of a direction that all floors together may take. */
export const floorShare = 0.5;
/** What every device can rely on before anything is known about it, kbit/s. */
export const basicFloor = 64;
/** Upstream needed to acknowledge a download: 80 bytes per two segments. Less stalls the download and makes it bursty for everybody. */
export const ackShare = 0.03;
/** Largest download a floor holds the acknowledgements of, kbit/s: a film in 4K. What is faster lives from the surplus. */
export const ackedDownload = 25_000;
/** Below this share a floor counts as degraded for its acknowledgements. */
export const ackMinimum = 0.025;
/** Share of a direction that the guarantees of one class may take. */
export const classShare = (trafficClass: TrafficClass): number => classTable[trafficClass].guaranteeCap;
/** Classes that go before others, and therefore never run without a ceiling. */
export const priorityClasses: readonly TrafficClass[] = ["realtime", "interactive"];
