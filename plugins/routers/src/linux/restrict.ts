import { type DevicePlan, type PlanField, sentence } from "@network-personas/engine/model";
import { markOf } from "../shared/htb.ts";
import { dscps } from "../shared/nft.ts";
import { merged, without } from "../shared/ports.ts";
import type { Filling } from "./filling.ts";
import { type Layout, namesSet, refuseNew, type Tunnel, toldMap, tunnelSet } from "./layout.ts";
import type { Offer, Omit } from "./lower.ts";
import { namesOf } from "./names.ts";

export const tunnelOf = ({ tunnel }: DevicePlan, { tunnels }: Layout): Tunnel | undefined => tunnels.find(({ id }) => id === tunnel);

/** What a device may do and who may reach it: its places in sets. What nobody ordered himself is there for a while only. */
export function restrict(device: DevicePlan, macs: readonly string[], minor: string, filling: Filling, offer: Offer, omit: Omit): void {
  const leased = new Set<string>(device.leased);
  const put = (set: string, field = "") => filling.put(set, macs, { leased: leased.has(field) });
  if (dscps.includes(device.dscp)) put(`dscp_${device.dscp}`);
  if (device.blocked) {
    put("blocked");
    if (device.cutEstablished) {
      put("blocked_cut");
      filling.put("marks_cut", [markOf(minor)]);
    }
  }
  if (device.firewall === "strict") put("strict", "firewall");
  // Its addresses are remembered for a day, so it would stay closed long after its lease.
  if (device.inboundClosed) put("closed");
  for (const [wanted, field, set] of [
    [device.familyFilter, "familyFilter", "dns_family"],
    [device.malwareFilter, "malwareFilter", "dns_malware"],
  ] as const) {
    if (!wanted) continue;
    put(set, field);
    // Encrypted questions would go round what is said about names.
    put("no_dot", field);
  }
  if (device.isolated) {
    if (offer.bridge) put("isolated", "isolated");
    else omit("device.isolated", sentence("noBridge"));
  }
  const tunnel = tunnelOf(device, offer.layout);
  if (tunnel) put(tunnelSet(tunnel.slot));
  else if (device.tunnel !== null) omit("device.tunnel", sentence("entryNoTunnel", { tunnel: device.tunnel }), sentence("leavesDirectly"));
  tellApplications(device, macs, filling, offer, omit);
}

function tellApplications(device: DevicePlan, macs: readonly string[], filling: Filling, offer: Offer, omit: Omit): void {
  const leased = new Set<string>(device.leased);
  const { blockedApplications, allowedApplications, cutEstablished } = device;
  const tell = (field: PlanField, ids: readonly string[], into: readonly string[], verdict: string) => {
    const known = ids.flatMap((id) => {
      const application = offer.applications.get(id);
      if (!application) omit(field, sentence("notInCatalogue", { application: id }), "", id);
      return application ? [{ ...application, leased: leased.has(`blockedApplications.${id}`) }] : [];
    });
    for (const { id, name, ports, leased: forAWhile } of known.filter((one) => one.domains.length > 0)) {
      if (offer.tellsNames) {
        filling.put(toldMap(id), macs, { value: verdict, leased: forAWhile });
        const names = namesSet(namesOf(device, tunnelOf(device, offer.layout)?.slot ?? 0));
        for (const set of ["told", "no_dot", names]) filling.put(set, macs, { leased: forAWhile });
      } else {
        const instead = ports.length > 0 ? sentence("byPortsOnly", { application: name }) : "";
        omit(field, sentence("noDnsmasq"), instead, id);
      }
    }
    for (const protocol of ["tcp", "udp"] as const) {
      const rangesOf = (forAWhile: boolean) =>
        merged(
          known
            .filter((one) => one.leased === forAWhile)
            .flatMap(({ ports }) => ports.filter((set) => set.protocol === protocol).flatMap((set) => set.ports)),
        );
      const stays = rangesOf(false);
      for (const [ranges, forAWhile] of [
        [stays, false],
        [without(rangesOf(true), stays), true],
      ] as const)
        for (const set of into)
          filling.put(
            set,
            ranges.flatMap((range) => macs.map((mac) => `${mac} . ${protocol} . ${range}`)),
            { leased: forAWhile },
          );
    }
  };
  if (cutEstablished) tell("device.blockedApplications", blockedApplications, ["app_blocked", "app_cut"], "drop");
  else tell("device.blockedApplications", blockedApplications, ["app_blocked"], `jump ${refuseNew}`);
  // Exceptions from a firewall that has run out change nothing, so they may stay.
  if (device.firewall === "strict")
    tell(
      "device.allowedApplications",
      allowedApplications.filter((id) => !blockedApplications.includes(id)),
      ["app_allowed"],
      "accept",
    );
}
