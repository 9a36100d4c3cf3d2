/** Why a router does not let us in; part of the sentences of `sentence.ts`. */
export const loginEnglish = {
  "login-wrong": 'user name or password is wrong for the account "{account}"; it is not tried again until the settings change',
  "login-wrong-here":
    'user name or password is wrong for the user "{account}", or it may not log in from here (its address in the list of users); it is not tried again until the settings change',
  "login-key": "the key of the official API is refused; make a new one under Settings > Control Plane > Integrations",
  "login-key-file": "{account} was refused; put the public half of `identityFile` into its authorized_keys",
  "login-factor":
    'the account "{account}" wants a second factor; use an administrator with local access only and without a second factor: Admins & Users > Create New > Restrict to Local Access Only',
  "login-confirmed":
    "the box wants a second factor for it; switch off the additional confirmation under System > FRITZ!Box Users > Sign-in to the Home Network",
  "login-captcha":
    "the router wants a captcha, as it does after wrong passwords; log in once by hand, switch the captcha off under Administration > System, or restart the router",
  "login-change": "the router wants its password changed before anything else; log in by hand",
  "login-other": "another administrator is logged in, and the router lets in one at a time; log out there",
  "login-others":
    "somebody else keeps logging in, and the router lets one administrator in at a time; waiting {seconds} s before the next login",
  "login-open":
    "the last login was not answered, and the router lets one administrator in at a time; waiting {seconds} s before the next login",
  "login-forgotten": "the router keeps forgetting our login; waiting {seconds} s before the next one",
  "login-alone": "the router wants to be left alone; asking again in {seconds} s",
  "login-again": "the login was refused; it is tried again in {seconds} s",
  "login-silent": "did not answer before; asking again in {seconds} s",
  "login-shut": "the router refuses everybody for a while, as it does after too many requests or wrong passwords",
  "login-many": "the router refuses logins for a while, as it does after too many of them; look for other programs that use this account",
  "login-guesses": "the router refuses logins for {seconds} s after too many wrong ones; look for other programs with an old password",
  "login-name": "the router takes requests under its own name only; set `url` to the address it has in the home network",
  "login-https": "the router wants to be asked over https; set `url` to {url}",
  "login-host-key": "{host} shows another host key than before; if you renewed it, delete ssh_known_hosts in the router's data folder",
  "login-no-ssh": "no ssh connection to {host}, port {port}: {reason}",
  "login-ssh-missing": "the program ssh is missing where the engine runs; install it there (on Debian: openssh-client)",
} as const;

export const loginGerman: Readonly<Record<keyof typeof loginEnglish, string>> = {
  "login-wrong":
    "Benutzername oder Passwort ist falsch für das Konto „{account}“; versucht wird es erst wieder, wenn die Angaben geändert sind",
  "login-wrong-here":
    "Benutzername oder Passwort ist falsch für den Benutzer „{account}“, oder er darf sich von hier nicht anmelden (seine Adresse in der Liste der Benutzer); versucht wird es erst wieder, wenn die Angaben geändert sind",
  "login-key":
    "der Schlüssel der offiziellen API wird abgelehnt; bitte unter Einstellungen > Control Plane > Integrationen einen neuen anlegen",
  "login-key-file": "{account} wurde abgelehnt; bitte die öffentliche Hälfte von `identityFile` in dessen authorized_keys eintragen",
  "login-factor":
    "das Konto „{account}“ verlangt einen zweiten Faktor; bitte einen Administrator mit rein lokalem Zugang und ohne zweiten Faktor verwenden: Admins & Benutzer > Neu erstellen > „Restrict to Local Access Only“",
  "login-confirmed":
    "die Box verlangt dafür eine zusätzliche Bestätigung; bitte unter System > FRITZ!Box-Benutzer > Anmeldung im Heimnetz ausschalten",
  "login-captcha":
    "der Router verlangt ein Captcha, wie nach falschen Passwörtern; einmal von Hand anmelden, das Captcha unter Administration > System ausschalten oder den Router neu starten",
  "login-change": "der Router verlangt zuerst ein neues Passwort; bitte dafür einmal von Hand anmelden",
  "login-other": "jemand anderes ist als Administrator angemeldet, und der Router lässt nur einen zugleich herein; bitte dort abmelden",
  "login-others":
    "jemand anderes meldet sich immer wieder an, und der Router lässt nur einen Administrator zugleich herein; die nächste Anmeldung folgt in {seconds} s",
  "login-open":
    "die letzte Anmeldung wurde nicht beantwortet, und der Router lässt nur einen Administrator zugleich herein; die nächste Anmeldung folgt in {seconds} s",
  "login-forgotten": "der Router vergisst unsere Anmeldung immer wieder; die nächste folgt in {seconds} s",
  "login-alone": "der Router bittet um eine Pause; er wird in {seconds} s wieder gefragt",
  "login-again": "die Anmeldung wurde abgelehnt; sie wird in {seconds} s wieder versucht",
  "login-silent": "er hat vorhin nicht geantwortet und wird in {seconds} s wieder gefragt",
  "login-shut": "der Router weist eine Weile alle ab, wie nach zu vielen Anfragen oder falschen Passwörtern",
  "login-many":
    "der Router weist Anmeldungen eine Weile ab, wie nach zu vielen; bitte nachsehen, welche anderen Programme dieses Konto verwenden",
  "login-guesses":
    "der Router weist Anmeldungen nach zu vielen falschen {seconds} s lang ab; bitte nachsehen, welche anderen Programme ein altes Passwort verwenden",
  "login-name": "der Router nimmt Anfragen nur unter seinem eigenen Namen an; unter `url` die Adresse eintragen, die er im Heimnetz hat",
  "login-https": "der Router will über https gefragt werden; unter `url` {url} eintragen",
  "login-host-key":
    "{host} zeigt einen anderen Hostschlüssel als bisher; wurde er erneuert, bitte ssh_known_hosts im Datenordner des Routers löschen",
  "login-no-ssh": "keine SSH-Verbindung zu {host}, Port {port}: {reason}",
  "login-ssh-missing": "dort, wo die Engine läuft, fehlt das Programm ssh; bitte dort installieren (unter Debian: openssh-client)",
};
