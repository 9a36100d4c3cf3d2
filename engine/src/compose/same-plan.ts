import type { DevicePlan, LinePlan, NetworkPlan } from "../model/index.ts";
import { type Both, directions } from "./both.ts";

/** The same plan apart from the instant it was made; `samePlan` of the model without writing both out as text. */
export function isSamePlan(a: NetworkPlan, b: NetworkPlan): boolean {
  return a.version === b.version && a.home === b.home && sameList(a.lines, b.lines, sameLine) && sameList(a.devices, b.devices, sameDevice);
}

type Rates = Both | DevicePlan["ceiling"];
const sameRates = (a: Rates, b: Rates): boolean => directions.every((direction) => a[direction] === b[direction]);
const sameLine = (a: LinePlan, b: LinePlan): boolean => a.wan === b.wan && sameRates(a.shaper, b.shaper);

function sameDevice(a: DevicePlan, b: DevicePlan): boolean {
  const fields = Object.keys(a) as (keyof DevicePlan)[];
  return (
    fields.length === Object.keys(b).length &&
    fields.every((field) => {
      const [one, other] = [a[field], b[field]];
      if (one === other) return true;
      if (Array.isArray(one) && Array.isArray(other))
        return sameList(one as readonly string[], other as readonly string[], (x, y) => x === y);
      return field === "guarantee" || field === "ceiling" ? sameRates(one as Rates, other as Rates) : false;
    })
  );
}

const sameList = <T>(a: readonly T[], b: readonly T[], same: (x: T, y: T) => boolean): boolean =>
  a.length === b.length && a.every((item, i) => same(item, b[i]!));
