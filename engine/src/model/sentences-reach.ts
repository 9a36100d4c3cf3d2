/** Why a machine on the network was not reached, a router or a calendar's server; part of the sentences of `sentence.ts`. */
export const reachEnglish = {
  "reach-refused": "refuses connections there; check address and port",
  "reach-port": "nobody is asked at that port, which belongs to another service; check the address",
  "reach-name": "there is no host of that name; check the address",
  "reach-lookup": "the name could not be looked up; is the internet connection there?",
  "reach-way": "there is no way to that address from here; check it",
  "reach-late": "no complete answer within {seconds} s",
  "reach-closed": "closed the connection before it answered",
  "reach-cut": "the connection ended in the middle of the answer",
  "reach-not-secure": "does not speak HTTPS at that port; check whether the address begins with http:// or https://",
  "reach-expired": "its certificate has expired; renew it there",
  "reach-authority": "nobody known here vouches for its certificate; name whoever signed it in the variable NODE_EXTRA_CA_CERTS",
  "reach-fingerprint": "shows a self-signed certificate; put its SHA-256 fingerprint into `certificate` in home.yaml",
  "reach-certificate": "its certificate is not valid for that name ({code})",
  "reach-failed": "the connection failed ({code})",
} as const;

export const reachGerman: Readonly<Record<keyof typeof reachEnglish, string>> = {
  "reach-refused": "unter der Adresse werden keine Verbindungen angenommen; bitte Adresse und Port prüfen",
  "reach-port": "dieser Port gehört einem anderen Dienst, darum wird dort nicht gefragt; bitte die Adresse prüfen",
  "reach-name": "ein Gerät dieses Namens gibt es nicht; bitte die Adresse prüfen",
  "reach-lookup": "der Name ließ sich nicht nachschlagen; besteht die Internetverbindung?",
  "reach-way": "von hier führt kein Weg zu dieser Adresse; bitte prüfen",
  "reach-late": "keine vollständige Antwort innerhalb von {seconds} s",
  "reach-closed": "die Verbindung wurde beendet, bevor eine Antwort kam",
  "reach-cut": "die Verbindung brach mitten in der Antwort ab",
  "reach-not-secure": "an diesem Port wird kein HTTPS gesprochen; bitte prüfen, ob die Adresse mit http:// oder https:// beginnt",
  "reach-expired": "das Zertifikat dort ist abgelaufen; bitte dort erneuern",
  "reach-authority":
    "für das Zertifikat dort bürgt niemand, der hier bekannt ist; den Aussteller in der Variablen NODE_EXTRA_CA_CERTS nennen",
  "reach-fingerprint":
    "das Zertifikat dort ist selbst ausgestellt; seinen SHA-256-Fingerabdruck in home.yaml unter `certificate` eintragen",
  "reach-certificate": "das Zertifikat dort gilt nicht für diesen Namen ({code})",
  "reach-failed": "die Verbindung ist fehlgeschlagen ({code})",
};
