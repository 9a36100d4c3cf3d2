import type { DeviceId } from "./line.ts";

/** People of the home, with what each has and is usually up to. */
export const people = {
  player: { devices: ["player-pc"], role: "gamer" },
  worker: { devices: ["worker-laptop"], role: "remote-worker" },
  viewer: { devices: ["tv", "viewer-laptop"], role: "streaming-enthusiast" },
  editor: { devices: ["editor-pc"], role: "video-editor" },
} as const satisfies Record<string, { devices: readonly DeviceId[]; role: string }>;
export type PersonId = keyof typeof people;

/** One program that makes traffic. */
export interface Program {
  on: DeviceId;
  role: "game" | "call" | "film" | "gadget" | "probe" | "transfer";
  /** Of a transfer: its name in the figures, and what it does. */
  name?: string;
  direction?: "up" | "down";
  connections?: number;
}

/** A figure a persona is for, and the least or most it should come to. */
export interface Aim {
  figure: "p99" | "callQuality" | "videoMbit" | "uploadMbit";
  value: number;
}

/** Who does what against which competition. */
export interface Scenario {
  title: string;
  /** Whose persona it is about, and the device they use. */
  subject: PersonId;
  device: DeviceId;
  persona: string;
  /** What the calendar rightly says, where traffic alone does not tell whose it is. */
  planned?: string;
  /** What the calendar wrongly says first, and the persona that makes of it. */
  wrong: { persona: string; event: string };
  /** Whose packets the latency is of. */
  latencyOf: "game" | "call" | "probe";
  aim: Aim;
  traffic: readonly Program[];
}

const up = (on: DeviceId, connections: number, name: string): Program => ({ on, role: "transfer", direction: "up", connections, name });
const down = (on: DeviceId, connections: number, name: string): Program => ({ on, role: "transfer", direction: "down", connections, name });
/** Runs everywhere: what a gadget says now and then, and the packets that tell what a change on the router does to others. */
const always: readonly Program[] = [
  { on: "plug", role: "gadget" },
  { on: "viewer-laptop", role: "probe" },
];

export const scenarios = {
  game: {
    title: "a game, against 4 uploads and 4 downloads of another computer",
    subject: "player",
    device: "player-pc",
    persona: "gamer",
    wrong: { persona: "video-editor", event: "Rough cut, upload footage" },
    latencyOf: "game",
    aim: { figure: "p99", value: 40 },
    traffic: [...always, { on: "player-pc", role: "game" }, up("editor-pc", 4, "others up"), down("editor-pc", 4, "others down")],
  },
  "game-same-pc": {
    title: "a game, while the same computer downloads (6) and uploads (2)",
    subject: "player",
    device: "player-pc",
    persona: "gamer",
    wrong: { persona: "video-editor", event: "Rough cut, upload footage" },
    latencyOf: "game",
    aim: { figure: "p99", value: 40 },
    traffic: [...always, { on: "player-pc", role: "game" }, up("player-pc", 2, "others up"), down("player-pc", 6, "others down")],
  },
  call: {
    title: "a video call beside own uploads (2), against 4 uploads and 4 downloads of another computer",
    subject: "worker",
    device: "worker-laptop",
    persona: "remote-worker",
    wrong: { persona: "streaming-enthusiast", event: "Film night" },
    latencyOf: "call",
    aim: { figure: "callQuality", value: 0.88 },
    traffic: [
      ...always,
      { on: "worker-laptop", role: "call" },
      up("worker-laptop", 2, "own up"),
      up("editor-pc", 4, "others up"),
      down("editor-pc", 4, "others down"),
    ],
  },
  film: {
    title: "a film in 4K, against 6 downloads each of two other computers and 2 uploads",
    subject: "viewer",
    device: "tv",
    persona: "streaming-enthusiast",
    wrong: { persona: "remote-worker", event: "Client meeting" },
    latencyOf: "probe",
    aim: { figure: "videoMbit", value: 20 },
    traffic: [
      ...always,
      { on: "tv", role: "film" },
      down("editor-pc", 6, "others down"),
      down("player-pc", 6, "others down too"),
      up("worker-laptop", 2, "others up"),
    ],
  },
  edit: {
    title: "footage going up (2), against 4 uploads each of a backup and of another computer with a video call",
    subject: "editor",
    device: "editor-pc",
    persona: "video-editor",
    planned: "Rough cut, upload footage",
    wrong: { persona: "gamer", event: "Gaming with the others" },
    latencyOf: "call",
    aim: { figure: "uploadMbit", value: 5.5 },
    traffic: [
      ...always,
      up("editor-pc", 2, "footage"),
      up("nas", 4, "others up"),
      up("worker-laptop", 4, "others up too"),
      { on: "worker-laptop", role: "call" },
    ],
  },
} as const satisfies Record<string, Scenario>;
export type ScenarioId = keyof typeof scenarios;
