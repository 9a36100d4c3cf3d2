import { readFileSync } from "node:fs";
import { askForPassword, askForUrl, askForUsername, type DriverWelcome, type Probe } from "@network-personas/engine/driver";

/** The rights of the account, as the router wants them. */
const rights = readFileSync(new URL("./install/network-personas.json", import.meta.url), "utf8").trim();

const question = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "list", params: ["session"] });

/** Whether ubus answers there: it lists its objects to anybody. */
async function speaksUbus(base: URL, probe: Probe): Promise<boolean> {
  const headers = { "content-type": "application/json" };
  const answer = await probe(new URL(base.pathname === "/" ? "/ubus" : base.pathname, base), { method: "POST", headers, body: question });
  if (answer?.status !== 200) return false;
  try {
    const { jsonrpc, id, result } = JSON.parse(answer.text) as { jsonrpc?: unknown; id?: unknown; result?: unknown };
    return jsonrpc === "2.0" && id === 1 && typeof result === "object";
  } catch {
    return false;
  }
}

/** How an OpenWrt router is found, and what it asks of its owner. */
export const welcome: DriverWelcome = {
  name: "OpenWrt",
  usualHosts: ["openwrt.lan", "192.168.1.1"],
  questions: [askForUrl("http://192.168.1.1"), askForUsername("personas"), askForPassword],
  prepare: {
    en: "Make an account of its own for us at the router. It may read the configuration, write its own firewall rules and its own shaper, and nothing else: no shell, no other settings. Type this once at the router (ssh root@192.168.1.1), with a long password of your choice:",
    de: "Am Router ein eigenes Konto für uns anlegen. Es darf die Einstellungen lesen, eigene Firewall-Regeln und einen eigenen Begrenzer für die Leitung schreiben und sonst nichts: keine Konsole, keine anderen Einstellungen. Einmal am Router eintippen (ssh root@192.168.1.1), mit einem langen Passwort eigener Wahl:",
  },
  commands: `cat > /usr/share/rpcd/acl.d/network-personas.json <<'END'
${rights}
END
HASH="$(uhttpd -m 'the password you chose')"
uci add rpcd login
uci set rpcd.@login[-1].username='personas'
uci set rpcd.@login[-1].password="$HASH"
uci add_list rpcd.@login[-1].read='network-personas'
uci add_list rpcd.@login[-1].write='network-personas'
uci commit rpcd
echo /usr/share/rpcd/acl.d/network-personas.json >> /etc/sysupgrade.conf
service rpcd restart`,
  async detect({ host, url }, probe) {
    // Where https answers the password need not cross the network in the clear.
    const bases = url ? [url] : [new URL(`https://${host}`), new URL(`http://${host}`)];
    const answers = await Promise.all(bases.map((base) => speaksUbus(base, probe)));
    const base = bases[answers.indexOf(true)];
    return base ? base.href.replace(/\/$/, "") : null;
  },
};
