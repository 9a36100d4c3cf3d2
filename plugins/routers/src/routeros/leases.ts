/**
 * Rules know devices by MAC address and have no end; entries of address lists have one, and know addresses only. So a rule that is to
 * run out also asks for any address at all, of a list whose entries cover them all and run out: without them it hits nobody any more.
 */
export const leaseList = "np-lease";

/** How long what is not renewed stays, as the router is told. */
export const leaseTime = "900s";

/** Every address of a family. Both halves, for a list may not take the whole as one entry. */
export const everyAddress = { ip: ["0.0.0.0/1", "128.0.0.0/1"], ipv6: ["::/1", "8000::/1"] } as const;

type Props = Readonly<Record<string, string>>;

/** A rule that holds as long as it is renewed, where that is wished. */
export const forAWhile = (leased: boolean, props: Props): Props => (leased ? { ...props, "src-address-list": leaseList } : props);

export const isLeased = ({ props }: { props: Props }): boolean => props["src-address-list"] === leaseList;

/** An entry that runs out. The router keeps it in memory only and calls it dynamic. */
export const isCovering = ({ props }: { props: Props }): boolean => props.list === leaseList;
