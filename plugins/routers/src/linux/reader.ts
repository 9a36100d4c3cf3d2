import { Rejected } from "@network-personas/engine/driver";
import { type Sentence, sentence } from "@network-personas/engine/model";
import { z } from "zod";
import { major, type QueueKind, queueKinds } from "../shared/htb.ts";
import { setTexts, table } from "../shared/nft.ts";
import { parseTree } from "./classes.ts";
import type { Held } from "./held.ts";
import { type Layout, setTypes } from "./layout.ts";
import { listScript } from "./names.ts";
import { bridgeVersion, versionOf } from "./ruleset.ts";
import type { CommandResult, Shell } from "./shell.ts";
import { firstLine, runOn } from "./undo.ts";
import { type Carries, parseCarries, parseWays } from "./ways.ts";

/** Looks at one Linux router. */
export class Reader {
  readonly #shell: Shell;
  readonly #layout: Layout;
  readonly router: string;
  /** What is installed changes rarely, and is asked again by whoever asks what the router can do. */
  #able: Able | undefined;

  constructor(shell: Shell, layout: Layout, router: string) {
    this.#shell = shell;
    this.#layout = layout;
    this.router = router;
  }

  run(argv: readonly string[], input = ""): Promise<CommandResult> {
    return runOn(this.#shell, this.router, argv, input);
  }
  /** What a program printed. @throws Rejected with the reason it gave */
  async ask(argv: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(argv);
    if (code !== 0) throw new Rejected(`${argv[0]} refused: ${firstLine(stderr)}`, { router: this.router, request: argv.join(" ") });
    return stdout;
  }

  /** Runs a script that calls `part NAME PROGRAM…`; what each printed and how it ended, by name. */
  async parts(script: string, ...args: string[]): Promise<ReadonlyMap<string, Part>> {
    const { stdout, code, stderr } = await this.run(["sh", "-c", `${partScript}\n${script}\npart end true`, "network-personas", ...args]);
    const parts = partsOf(stdout);
    if (code !== 0 || !parts.has("end"))
      throw new Rejected(`cannot look at the router: ${firstLine(stderr || stdout)}`, { router: this.router, request: "look" });
    return parts;
  }

  /** Everything about the router that plans and their read-back depend on, in one go. Changes nothing. `afresh`: also what it has. */
  async look({ afresh = false } = {}): Promise<Look> {
    if (afresh || !this.#able) this.#able = await this.#whatItHas();
    const { lan, wan, tunnels, namesFolder } = this.#layout;
    const parts = await this.parts(lookScript, lan, wan, namesFolder, ...tunnels.map(({ device }) => device));
    const text = (name: string) => {
      const part = parts.get(name)!;
      if (part.code !== 0) throw new Rejected(`${name} refused: ${firstLine(part.text)}`, { router: this.router, request: name });
      return part.text;
    };
    const tree = (device: string) => {
      const [qdiscs, classes] = [text(`tc qdisc ${device}`), text(`tc class ${device}`)];
      return { tree: this.parsed(() => parseTree(classes, qdiscs)), foreign: this.#foreignRoot(qdiscs) };
    };
    const [down, up] = [tree(lan), tree(wan)];
    const [sets, bridge] = [this.#sets(parts.get("nft inet")!), this.#sets(parts.get("nft bridge")!)];
    const names = Object.keys(setTypes(this.#layout));
    // Tables of other rules than these are none: they are made anew.
    const ours = sets && versionOf(this.#layout) in sets && names.every((name) => name in sets);
    const ways = (["ipv4", "ipv6"] as const).flatMap((family) =>
      this.parsed(() => parseWays(family, text(`${family} rules`), text(`${family} routes`))),
    );
    const foreign = [[lan, down.foreign] as const, [wan, up.foreign] as const].find(([, kind]) => kind);
    return {
      held: {
        sets: ours ? Object.fromEntries(names.map((name) => [name, sets[name]!])) : null,
        isolated: bridge && bridgeVersion in bridge ? (bridge.isolated ?? null) : null,
        down: down.tree,
        up: up.tree,
        ways: ways.sort(),
        names: text("names").split("\n").filter(Boolean).sort(),
      },
      ...this.#able,
      carries: new Map(
        tunnels.map(({ id, device }) => {
          const part = parts.get(`tunnel ${device}`)!;
          return [id, this.parsed(() => parseCarries(part.code === 0 ? part.text : ""))];
        }),
      ),
      shaperObstacle: foreign && sentence("queueNotOurs", { device: foreign[0], queue: foreign[1] ?? "" }),
      // Flow offload lets packets pass all rules and queues of ours.
      offloads: parts.get("flowtables")!.code === 0 && /"flowtable"/.test(parts.get("flowtables")!.text),
      bridge: parts.get("bridge")!.code === 0,
      own: text("own"),
    };
  }

  async #whatItHas(): Promise<Able> {
    const parts = await this.parts(ableScript);
    return {
      queueKind: queueKinds.find((kind) => parts.get(kind)!.code === 0) ?? "bfifo",
      // Whether it fills sets of nft is told by its options of compilation.
      tellsNames: / nftset( |$)/m.test(parts.get("dnsmasq")!.text),
    };
  }

  /** Root queues the kernel gives by itself stand in nobody's way. */
  #foreignRoot(qdiscs: string): string | undefined {
    const listed = this.#json(qdiscs, z.array(z.looseObject({ kind: z.string(), handle: z.string(), root: z.boolean().optional() })));
    const root = listed.find((one) => one.root);
    return root && root.handle !== `${major}:` && root.handle !== "0:" && root.kind !== "noqueue" ? root.kind : undefined;
  }

  #sets({ code, text }: Part): Record<string, string[]> | null {
    if (code !== 0) {
      if (/No such file or directory/.test(text)) return null;
      throw new Rejected(`nft refused: ${firstLine(text)}`, { router: this.router, request: "nft list table" });
    }
    return this.parsed(() => setTexts(JSON.parse(text)));
  }

  #json<S extends z.ZodType>(text: string, schema: S): z.output<S> {
    return this.parsed(() => schema.parse(JSON.parse(text || "[]")));
  }
  /** @throws Rejected when what a program printed is not what it should be */
  parsed<T>(parse: () => T): T {
    try {
      return parse();
    } catch (cause) {
      throw new Rejected("a program of the router printed something that is none of its lists", {
        router: this.router,
        request: "look",
        cause,
      });
    }
  }
}

/** What the machine has. */
interface Able {
  queueKind: QueueKind;
  /** A dnsmasq that fills sets of nft. */
  tellsNames: boolean;
}
/** What one look shows. */
export interface Look extends Able {
  held: Held;
  /** Why the line cannot be shaped by us; undefined when it can. */
  shaperObstacle: Sentence | undefined;
  offloads: boolean;
  /** The interface of the home is a bridge. */
  bridge: boolean;
  /** MAC address of the interface of the home. */
  own: string;
  /** What each tunnel carries now, by its id. */
  carries: ReadonlyMap<string, Carries>;
}

/** How one program of a script ended. */
export interface Part {
  code: number;
  text: string;
}
const lookScript = `lan=$1 wan=$2 folder=$3
shift 3
names() {
${listScript}
}
part names names
routes() { ip "-$1" route show table all | grep ' table 200[4-6][0-9]'; true; }
for device in "$@"; do part "tunnel $device" ip -j address show dev "$device"; done
for family in 4 6; do
  part "ipv$family rules" ip "-$family" -j rule show
  # All routes are listed only where some of ours may be: there can be a million.
  case "$#$out" in
  0*'"priority":200'* | [1-9]*) part "ipv$family routes" routes $family ;;
  *) part "ipv$family routes" true ;;
  esac
done
for device in "$lan" "$wan"; do
  part "tc qdisc $device" tc -j qdisc show dev "$device"
  part "tc class $device" tc -d class show dev "$device"
done
part "nft inet" nft -j list table inet ${table}
part "nft bridge" nft -j list table bridge ${table}
part flowtables nft -j list flowtables
part bridge test -d "/sys/class/net/$lan/bridge"
own() { read -r mac <"/sys/class/net/$lan/address" && echo "$mac"; }
part own own`;
/** The kernel is asked what it has, not tried: looking changes nothing. */
const ableScript = `has() {
  grep -qx "$1" /proc/sys/net/core/default_qdisc || modprobe -n -q "sch_$1" || grep -q "/sch_$1.ko" "/lib/modules/$(uname -r)/modules.builtin"
}
for kind in ${queueKinds.join(" ")}; do part $kind has $kind; done
part dnsmasq dnsmasq --version`;
const partScript = `part() { name=$1; shift; out=$("$@" 2>&1); echo "@@ $? $name"; printf '%s\\n' "$out"; }`;

function partsOf(text: string): Map<string, Part> {
  const parts = new Map<string, Part>();
  let current: Part | undefined;
  for (const line of text.split("\n")) {
    const [, code, name] = /^@@ (\d+) (.+)$/.exec(line) ?? [];
    if (name) {
      current = { code: Number(code), text: "" };
      parts.set(name, current);
    } else if (current) current.text += current.text === "" ? line : `\n${line}`;
  }
  return parts;
}
