import { type Demands, formatRate, type ProfileField, trafficClasses } from "@network-personas/personas";

/** A field's value the way people read it. Booleans and levels stay as they are declared. */
export function formatValue(field: ProfileField, value: unknown): string {
  if (field.rule === "demands") return formatDemands(value as Demands);
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(", ");
  if (value === null) return "none";
  if (typeof value !== "number") return String(value);
  if (field.rule === "ceiling") return value === 1 ? "no limit" : `${Math.round(value * 100)} % of the line`;
  return `${Number(value.toPrecision(3))}${field.unit ? ` ${field.unit}` : ""}`;
}

function formatDemands(value: Demands): string {
  const parts = trafficClasses.flatMap((trafficClass) => {
    const demand = value[trafficClass];
    if (!demand) return [];
    const ladders = (["down", "up"] as const)
      .filter((direction) => demand.need[direction].length > 0)
      .map((direction) => `${demand.need[direction].map((rate) => formatRate(rate)).join(" or ")} ${direction}`);
    return [ladders.length === 0 ? trafficClass : `${trafficClass} ${ladders.join(", ")}`];
  });
  return parts.length === 0 ? "none" : parts.join("; ");
}
