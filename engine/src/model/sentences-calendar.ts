/** Why a calendar cannot be read; part of the sentences of `sentence.ts`. Why its server is not reached: `sentences-reach.ts`. */
export const calendarEnglish = {
  "calendar-refused":
    "the server refuses ({status}): the login or the secret address is wrong or was revoked; copy it again from the calendar's settings",
  "calendar-google": "Google takes no password for CalDAV; use the calendar's secret address in iCal format, without a login",
  "calendar-icloud": "iCloud refuses the login; it needs an app-specific password (account.apple.com, sign-in and security)",
  "calendar-missing": "there is no such calendar at the address ({status}); check it, or whether the calendar is still shared",
  "calendar-none": "the account has no calendar; give the address of the calendar itself, or share one with this user",
  "calendar-busy": "the server is busy or has a fault ({status}); it is asked again",
  "calendar-answered": "the server answered {status} instead of a calendar; check the address",
  "calendar-slow": "the server did not finish answering within {seconds} s",
  "calendar-failed": "the server could not be asked",
  "calendar-large": "the calendar is larger than {limit} MB; publish a part of it, or a shorter time",
  "calendar-no-file": "there is no file {path}; an address on the internet begins with https://",
  "calendar-no-right": "{path} may not be read by this user; grant it read permission",
  "calendar-no-read": "{path} cannot be read ({code})",
  "calendar-empty": "it is empty; a calendar begins with BEGIN:VCALENDAR",
  "calendar-page": "this is a web page, not a calendar; perhaps the address needs a login or is the page that shows the calendar",
  "calendar-other": "this is not a calendar: there is no BEGIN:VCALENDAR in it",
} as const;

export const calendarGerman: Readonly<Record<keyof typeof calendarEnglish, string>> = {
  "calendar-refused":
    "der Server lehnt ab ({status}): Die Anmeldung oder die geheime Adresse ist falsch oder wurde widerrufen; bitte noch einmal aus den Einstellungen des Kalenders kopieren",
  "calendar-google":
    "Google nimmt für CalDAV kein Passwort an; bitte die geheime Adresse des Kalenders im iCal-Format verwenden, ohne Anmeldung",
  "calendar-icloud":
    "iCloud lehnt die Anmeldung ab; nötig ist ein app-spezifisches Passwort (account.apple.com, „Anmeldung und Sicherheit“)",
  "calendar-missing":
    "unter der Adresse gibt es keinen solchen Kalender ({status}); bitte die Adresse prüfen, und ob er noch freigegeben ist",
  "calendar-none": "das Konto hat keinen Kalender; die Adresse des Kalenders selbst angeben, oder diesem Benutzer einen freigeben",
  "calendar-busy": "der Server ist überlastet oder gestört ({status}); er wird wieder gefragt",
  "calendar-answered": "der Server hat mit {status} statt mit einem Kalender geantwortet; bitte die Adresse prüfen",
  "calendar-slow": "der Server hat innerhalb von {seconds} s nicht fertig geantwortet",
  "calendar-failed": "der Server konnte nicht gefragt werden",
  "calendar-large": "der Kalender ist größer als {limit} MB; nur einen Teil davon oder einen kürzeren Zeitraum veröffentlichen",
  "calendar-no-file": "die Datei {path} gibt es nicht; eine Adresse im Internet beginnt mit https://",
  "calendar-no-right": "{path} darf von diesem Benutzer nicht gelesen werden; bitte das Leserecht geben",
  "calendar-no-read": "{path} kann nicht gelesen werden ({code})",
  "calendar-empty": "es steht nichts darin; ein Kalender beginnt mit BEGIN:VCALENDAR",
  "calendar-page":
    "das ist eine Webseite, kein Kalender; vielleicht braucht die Adresse eine Anmeldung, oder es ist die Seite, die den Kalender anzeigt",
  "calendar-other": "das ist kein Kalender: Es steht kein BEGIN:VCALENDAR darin",
};
