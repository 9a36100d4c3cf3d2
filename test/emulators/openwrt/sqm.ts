import type { RouterTime } from "../shared/time.ts";
import type { Config } from "./uci.ts";

/** A running shaper on one device. */
export interface Shaper {
  qdisc: string;
  script: string;
  upload: number;
  download: number;
}

/**
 * Measured on an idle box: the reload begins 140 ms after the delay; from then on the service is unknown for 230 ms, the file is read
 * after 110 ms, and the shaper is back after 380 ms. So a change between 110 and 230 ms is neither read nor told.
 */
const begins = 140;
const reads = 110;
const blind = 230;
const takes = 380;
/** procd waits this long after the last config.change event. */
export const reloadDelay = 1000;

const classful = ["simple.qos", "simplest.qos", "simplest_tbf.qos"];
const simpleQueues = ["fq_codel", "codel", "pie", "sfq", "pfifo", "bfifo", "cake"];

/** sqm-scripts under procd: a reload is stop and start, and events in between are lost. */
export class Sqm {
  readonly live = new Map<string, Shaper>();
  readonly log: string[] = [];
  readonly #time: RouterTime;
  readonly #file: () => Config | undefined;
  readonly #available: () => readonly string[];
  #cancel = () => {};
  #blindUntil = -1;
  /** Events lost so far. */
  lost = 0;

  constructor(time: RouterTime, file: () => Config | undefined, available: () => readonly string[]) {
    this.#time = time;
    this.#file = file;
    this.#available = available;
  }

  changed(): void {
    if (this.#time.now() < this.#blindUntil) {
      this.lost++;
      return;
    }
    this.#cancel();
    this.#cancel = this.#time.after(reloadDelay + begins, () => {
      this.#stop();
      this.#time.after(reads, () => {
        const wanted = this.#read();
        this.#time.after(takes - reads, () => this.#run(wanted));
      });
    });
  }

  /** `/etc/init.d/sqm restart`: no delay, and it waits for the script. */
  async restart(): Promise<void> {
    this.#stop();
    await this.#time.pass(reads);
    const wanted = this.#read();
    await this.#time.pass(490 - reads);
    this.#run(wanted);
  }

  start(): void {
    this.#run(this.#read());
  }

  #stop(): void {
    this.#blindUntil = this.#time.now() + blind;
    this.live.clear();
  }

  #run(wanted: ReadonlyMap<string, Shaper>): void {
    for (const [device, shaper] of wanted) if (!this.live.has(device)) this.live.set(device, shaper);
  }

  /** Every enabled queue that the kernel can run; the first one on a device has it. */
  #read(): Map<string, Shaper> {
    const wanted = new Map<string, Shaper>();
    for (const section of this.#file()?.sections ?? []) {
      const get = (option: string) => String(section.options.get(option) ?? "");
      const device = get("interface");
      if (section.type !== "queue" || get("enabled") !== "1" || wanted.has(device)) continue;
      const qdisc = get("qdisc") || "fq_codel";
      if (!this.#usable(qdisc, get("script"))) {
        this.log.push(`SQM: ${get("script")}: qdisc ${qdisc} is not usable on ${device}`);
        continue;
      }
      wanted.set(device, { qdisc, script: get("script"), upload: Number(get("upload")), download: Number(get("download")) });
    }
    return wanted;
  }

  #usable(qdisc: string, script: string): boolean {
    const known = this.#available().includes(qdisc) || qdisc === "pfifo" || qdisc === "bfifo";
    if (script === "layer_cake.qos" || script === "piece_of_cake.qos") return qdisc === "cake" && known;
    return classful.includes(script) && simpleQueues.includes(qdisc) && known;
  }

  /** `tc qdisc show`. */
  qdiscs(devices: readonly string[]): string {
    const lines = devices.flatMap((device) => {
      const shaper = this.live.get(device);
      if (!shaper)
        return [
          `qdisc fq_codel 0: dev ${device} root refcnt 2 limit 10240p flows 1024 quantum 1514 target 5ms interval 100ms memory_limit 4Mb ecn drop_batch 64 `,
        ];
      return [[device, shaper.upload] as const, [`ifb4${device}`, shaper.download] as const]
        .filter(([, kbit]) => kbit > 0)
        .flatMap(([dev, kbit]) =>
          shaper.qdisc === "cake"
            ? [
                `qdisc cake 8001: dev ${dev} root refcnt 2 bandwidth ${rate(kbit)} diffserv4 dual-srchost nat nowash no-ack-filter split-gso rtt 100ms raw overhead 0 `,
              ]
            : [
                `qdisc htb 1: dev ${dev} root refcnt 2 r2q 10 default 0x10 direct_packets_stat 0 direct_qlen 1000`,
                `qdisc ${shaper.qdisc} 110: dev ${dev} parent 1:10 limit 1001p`,
              ],
        );
    });
    return `${["qdisc noqueue 0: dev lo root refcnt 2 ", ...lines].join("\n")}\n`;
  }

  /** `tc class show dev X`. */
  classes(device: string): string {
    const ingress = device.startsWith("ifb4");
    const shaper = this.live.get(ingress ? device.slice(4) : device);
    if (!shaper || shaper.qdisc === "cake") return "";
    const kbit = rate(ingress ? shaper.download : shaper.upload);
    return (
      `class htb 1:10 parent 1:1 leaf 110: prio 0 rate ${kbit} ceil ${kbit} burst 1748b cburst 1748b \n` +
      `class htb 1:1 root rate ${kbit} ceil ${kbit} burst 1748b cburst 1748b \n`
    );
  }
}

/** A rate as tc prints it. */
const rate = (kbit: number): string => (kbit % 1000 === 0 ? `${kbit / 1000}Mbit` : `${kbit}Kbit`);
