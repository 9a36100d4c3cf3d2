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

const transfer =
  (direction: "up" | "down") =>
  (on: DeviceId, connections: number, name = `others ${direction}`): Program => ({ on, role: "transfer", direction, connections, name });
export const [up, down] = [transfer("up"), transfer("down")];
/** Runs everywhere: what a gadget says now and then, and the packets that tell what a change on the router does to others. */
const always: readonly Program[] = [
  { on: "plug", role: "gadget" },
  { on: "viewer-laptop", role: "probe" },
];

/** A calendar that means a persona. */
const editing = { persona: people.editor.role, event: "Rough cut, upload footage" };
/** Somebody is up to their usual on a device of theirs, against competition; the calendar first says something else. */
function scenario<T extends PersonId>(
  subject: T,
  device: (typeof people)[T]["devices"][number],
  rest: Pick<Scenario, "title" | "planned" | "wrong" | "latencyOf" | "aim" | "traffic">,
): Scenario {
  return { subject, device, persona: people[subject].role, ...rest, traffic: [...always, ...rest.traffic] };
}
const game: Pick<Scenario, "wrong" | "latencyOf" | "aim"> = { wrong: editing, latencyOf: "game", aim: { figure: "p99", value: 40 } };

export const scenarios = {
  game: scenario("player", "player-pc", {
    ...game,
    title: "a game, against 4 uploads and 4 downloads of another computer",
    traffic: [{ on: "player-pc", role: "game" }, up("editor-pc", 4), down("editor-pc", 4)],
  }),
  "game-same-pc": scenario("player", "player-pc", {
    ...game,
    title: "a game, while the same computer downloads (6) and uploads (2)",
    traffic: [{ on: "player-pc", role: "game" }, up("player-pc", 2), down("player-pc", 6)],
  }),
  call: scenario("worker", "worker-laptop", {
    title: "a video call beside own uploads (2), against 4 uploads and 4 downloads of another computer",
    wrong: { persona: people.viewer.role, event: "Film night" },
    latencyOf: "call",
    aim: { figure: "callQuality", value: 0.88 },
    traffic: [{ on: "worker-laptop", role: "call" }, up("worker-laptop", 2, "own up"), up("editor-pc", 4), down("editor-pc", 4)],
  }),
  film: scenario("viewer", "tv", {
    title: "a film in 4K, against 6 downloads each of two other computers and 2 uploads",
    wrong: { persona: people.worker.role, event: "Client meeting" },
    latencyOf: "probe",
    aim: { figure: "videoMbit", value: 20 },
    traffic: [{ on: "tv", role: "film" }, down("editor-pc", 6), down("player-pc", 6, "others down too"), up("worker-laptop", 2)],
  }),
  edit: scenario("editor", "editor-pc", {
    title: "footage going up (2), against 4 uploads each of a backup and of another computer with a video call",
    planned: editing.event,
    wrong: { persona: people.player.role, event: "Gaming with the others" },
    latencyOf: "call",
    aim: { figure: "uploadMbit", value: 5.5 },
    traffic: [up("editor-pc", 2, "footage"), up("nas", 4), up("worker-laptop", 4, "others up too"), { on: "worker-laptop", role: "call" }],
  }),
} satisfies Record<string, Scenario>;
export type ScenarioId = keyof typeof scenarios;
