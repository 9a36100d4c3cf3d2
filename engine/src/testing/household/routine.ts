import { type DeviceKind, type Weekday, weekdays } from "@network-personas/personas";

/** Something that stands in a person's calendar every week. */
export interface RegularAppointment {
  summary: string;
  /** What the person does then. */
  persona: string;
  days: readonly Weekday[];
  /** Local time, minutes after midnight. */
  at: number;
  minutes: number;
  /** Probability that it really happens; it stands in the calendar all the same. */
  kept: number;
  conferenceHost?: string;
}

/** How a person's days usually go. Times are minutes after local midnight; real days vary around them. */
export interface Routine {
  /** Getting up and going to bed (before midnight), on workdays and free days. */
  wake: { workday: number; free: number };
  sleep: { workday: number; free: number };
  /** Standard deviation of all these times, minutes. */
  spread: number;
  work: {
    days: readonly Weekday[];
    from: number;
    to: number;
    /** Probability that a workday is spent working at home instead of away. */
    atHome: number;
    /** Probability that a workday is free after all. */
    dayOff: number;
  } | null;
  /** Share of leisure blocks spent on a persona; the rest up to 1 is nothing in particular. */
  leisure: Readonly<Record<string, number>>;
  /** Mean length of a leisure block, minutes. */
  block: number;
  /** Probability that the afternoon of a free day is spent away from home. */
  outing: number;
  appointments: readonly RegularAppointment[];
}

const hours = (h: number, m = 0) => h * 60 + m;
const workdays = weekdays.slice(0, 5);

/** Ready-made routines. The numbers are plausible, not measured. */
export const routines = {
  /** Works at home most days, watches something in the evening. */
  homeWorker: {
    wake: { workday: hours(7), free: hours(8, 45) },
    sleep: { workday: hours(22, 45), free: hours(23, 20) },
    spread: 18,
    work: { days: workdays, from: hours(8, 45), to: hours(17), atHome: 0.75, dayOff: 0.04 },
    leisure: { "streaming-enthusiast": 0.45, "video-editor": 0.08 },
    block: 80,
    outing: 0.5,
    appointments: [
      {
        summary: "Daily standup",
        persona: "remote-worker",
        days: workdays,
        at: hours(9, 30),
        minutes: 20,
        kept: 0.95,
        conferenceHost: "meet.google.com",
      },
      {
        summary: "Client call",
        persona: "remote-worker",
        days: ["tue", "thu"],
        at: hours(18, 30),
        minutes: 45,
        kept: 0.85,
        conferenceHost: "zoom.us",
      },
    ],
  },
  /** At school or at work all day, plays in the evening. */
  player: {
    wake: { workday: hours(6, 45), free: hours(10, 15) },
    sleep: { workday: hours(22, 30), free: hours(23, 40) },
    spread: 25,
    work: { days: workdays, from: hours(8), to: hours(15, 30), atHome: 0, dayOff: 0.06 },
    leisure: { gamer: 0.5, "streaming-enthusiast": 0.25 },
    block: 70,
    outing: 0.35,
    appointments: [
      {
        summary: "Raid with the guild",
        persona: "gamer",
        days: ["wed", "sat"],
        at: hours(20),
        minutes: 120,
        kept: 0.9,
        conferenceHost: "discord.gg",
      },
    ],
  },
  /** At home most of the time, with no work that counts. */
  homebody: {
    wake: { workday: hours(7, 30), free: hours(8) },
    sleep: { workday: hours(22, 15), free: hours(22, 30) },
    spread: 20,
    work: null,
    leisure: { "streaming-enthusiast": 0.35 },
    block: 90,
    outing: 0.4,
    appointments: [],
  },
} as const satisfies Record<string, Routine>;

/** Kinds of device people take for what they do, preferred first. */
export const deviceFor: Readonly<Record<string, readonly DeviceKind[]>> = {
  "remote-worker": ["laptop", "desktop"],
  gamer: ["console", "desktop", "laptop"],
  "streaming-enthusiast": ["tv", "streamer", "tablet", "laptop", "phone"],
  "video-editor": ["desktop", "laptop"],
};

/** Kinds that are on the network day and night. */
export const alwaysOn: ReadonlySet<DeviceKind> = new Set(["camera", "sensor", "speaker", "appliance", "printer", "server"]);
/** Kinds that are where their owner is. */
export const carried: ReadonlySet<DeviceKind> = new Set(["phone", "tablet"]);

/** Mean rates an activity causes, kbit/s. Round numbers from published requirements of common services; real ones vary. */
export const typicalRates: Readonly<Record<string, { down: number; up: number }>> = {
  "remote-worker": { down: 1_800, up: 1_500 },
  gamer: { down: 180, up: 80 },
  "streaming-enthusiast": { down: 12_000, up: 150 },
  "video-editor": { down: 3_000, up: 6_000 },
  "iot-device": { down: 12, up: 20 },
  everyday: { down: 250, up: 50 },
};
