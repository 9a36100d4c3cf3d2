/** What is asked of a router's owner, and what is wrong with something that was typed; part of the sentences of `sentence.ts`. */
export const inputsEnglish = {
  "field-url": "Address",
  "field-username": "User name",
  "field-password": "Password",
  "field-apiKey": "Key of the official API",
  "field-site": "Site",
  "input-address": 'expected the address of the router such as "192.168.1.1", "fritz.box" or "https://192.168.1.1:8443"',
  "input-login-in-address": "an address must not hold a user name or password; they are asked for separately",
  "input-scheme": 'expected an address that begins with "http://" or "https://"',
  "input-router-url": 'expected the address of the router such as "{example}"',
  "input-url": 'expected a whole address such as "https://example.org"',
  "input-ssh-url": 'expected an address such as "ssh://192.168.1.1", with nothing but host and port; the user name is asked for separately',
  "input-empty": "must not be empty",
  "input-too-long": "is too long: {most:character|characters} at most",
  "input-too-many": "{most:value|values} at most",
  "input-spaces": "begins or ends with a space or a line break, which would be lost",
  "input-calendar-address": "is no address; copy it again from the calendar's settings",
  "input-calendar-scheme":
    'addresses with "{scheme}:" are not supported; expected "https://", "http://" or "webcal://", or the path of a file',
} as const;

export const inputsGerman: Readonly<Record<keyof typeof inputsEnglish, string>> = {
  "field-url": "Adresse",
  "field-username": "Benutzername",
  "field-password": "Passwort",
  "field-apiKey": "Schlüssel der offiziellen API",
  "field-site": "Standort",
  "input-address": "erwartet wird die Adresse des Routers, etwa „192.168.1.1“, „fritz.box“ oder „https://192.168.1.1:8443“",
  "input-login-in-address": "in der Adresse dürfen weder Benutzername noch Passwort stehen; danach wird extra gefragt",
  "input-scheme": "erwartet wird eine Adresse, die mit „http://“ oder „https://“ beginnt",
  "input-router-url": "erwartet wird die Adresse des Routers, etwa „{example}“",
  "input-url": "erwartet wird eine vollständige Adresse, etwa „https://example.org“",
  "input-ssh-url":
    "erwartet wird eine Adresse wie „ssh://192.168.1.1“, nur mit Rechner und Port; nach dem Benutzernamen wird extra gefragt",
  "input-empty": "darf nicht leer sein",
  "input-too-long": "ist zu lang: höchstens {most:Zeichen|Zeichen}",
  "input-too-many": "höchstens {most:Wert|Werte}",
  "input-spaces": "beginnt oder endet mit einem Leerzeichen oder Zeilenumbruch, der verloren ginge",
  "input-calendar-address": "das ist keine Adresse; bitte noch einmal aus den Einstellungen des Kalenders kopieren",
  "input-calendar-scheme":
    "Adressen mit „{scheme}:“ werden nicht unterstützt; erwartet wird „https://“, „http://“ oder „webcal://“, oder der Pfad einer Datei",
};
