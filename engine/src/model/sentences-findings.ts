/** What a check-up finds at routers of several families, and what their owners can do; part of the sentences of `sentence.ts`. */
export const findingsEnglish = {
  encrypted: "the connection is encrypted",
  plainPassword: "the password crosses the network unencrypted",
  useHttps: "Use https:// in `url`; the certificate is remembered on first use.",
  seeMessage: "See the message; the address in `url` may be another device's.",
  accountLogsIn: 'the account "{name}" can log in',
  userLogsIn: 'the user "{name}" can log in',
  lineIs: "the line is {line}",
  vpnUsable: "VPN clients that can be used: {tunnels}",
  noteNoShaper: "no shaper of ours: {why}",
} as const;

export const findingsGerman: Readonly<Record<keyof typeof findingsEnglish, string>> = {
  encrypted: "die Verbindung ist verschlüsselt",
  plainPassword: "das Passwort geht unverschlüsselt durchs Netz",
  useHttps: "In `url` https:// verwenden; das Zertifikat wird beim ersten Mal gemerkt.",
  seeMessage: "Siehe die Meldung; unter `url` antwortet vielleicht ein anderes Gerät.",
  accountLogsIn: "das Konto „{name}“ kann sich anmelden",
  userLogsIn: "der Benutzer „{name}“ kann sich anmelden",
  lineIs: "die Leitung ist {line}",
  vpnUsable: "verwendbare VPN-Clients: {tunnels}",
  noteNoShaper: "kein Begrenzer von uns: {why}",
};
