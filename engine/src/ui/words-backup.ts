/** What the pages say of backups; part of the words of `words.ts`. */
export const backupEnglish = {
  backup: "Backup: keep this home, or bring one back",
  backupHow:
    "A backup holds the whole home: what you set up, your own personas, and what was learned. It holds no password and no token; it does hold who was at home when, so keep it as you keep a diary.",
  backupDownload: "Download a backup",
  backupUpload: "Bring back a backup (you see first what it holds)",
  previewOnly: "preview",
  importHolds: "This backup of {time} holds",
  importReplaces: "It would replace",
  importPeople: "People: {names}; devices: {devices}",
  importRouters: "Routers: {names}",
  importCalendars: "Calendars: {names}",
  importPersonas: "Own persona files: {count}",
  importRecords: "Remembered: {count:entry|entries}, since {time}",
  importNoRecords: "Nothing remembered yet",
  importGoesLive: "The router {what} is live in it: it is written to at once.",
  importKeepsOurs:
    "The router {what} is not in it. What we made there stays there; to remove it, press “Remove everything of ours” on the page “Routers” first.",
  importSecret: "A password is missing here: {what}",
  importStays: "Tokens and passwords stay as they are here. What is there now is kept as a backup beside the home.",
  importNow: "Replace this home by the backup",
  importSure: "Replace this home and all it remembers by the backup?",
  importDone: "The home is replaced. What was there before is kept in {kept} in the data folder.",
  importUnreadable: "{name} cannot be read: it is no backup of a home, or it is damaged. Nothing was changed.",
} as const;

export const backupGerman: Readonly<Record<keyof typeof backupEnglish, string>> = {
  backup: "Sicherung: dieses Zuhause sichern oder eines zurückholen",
  backupHow:
    "Eine Sicherung enthält das ganze Zuhause: was eingerichtet ist, eigene Personas und was gelernt wurde. Passwörter und Tokens enthält sie nicht, wohl aber, wer wann zu Hause war: Bitte so gut verwahren wie ein Tagebuch.",
  backupDownload: "Sicherung herunterladen",
  backupUpload: "Sicherung zurückholen (zuerst ist zu sehen, was sie enthält)",
  previewOnly: "Vorschau",
  importHolds: "Diese Sicherung vom {time} enthält",
  importReplaces: "Sie würde ersetzen",
  importPeople: "Personen: {names}; Geräte: {devices}",
  importRouters: "Router: {names}",
  importCalendars: "Kalender: {names}",
  importPersonas: "Eigene Persona-Dateien: {count}",
  importRecords: "Im Gedächtnis: {count:Eintrag|Einträge}, seit {time}",
  importNoRecords: "Noch nichts im Gedächtnis",
  importGoesLive: "Der Router {what} ist darin live: Es wird sofort auf ihn geschrieben.",
  importKeepsOurs:
    "Der Router {what} ist nicht darin. Was wir dort angelegt haben, bleibt dort; wer das nicht will, drückt vorher „Alles von uns entfernen“ auf der Seite „Router“.",
  importSecret: "Hier fehlt ein Passwort: {what}",
  importStays: "Tokens und Passwörter bleiben, wie sie hier sind. Was jetzt da ist, wird als Sicherung neben dem Zuhause abgelegt.",
  importNow: "Dieses Zuhause durch die Sicherung ersetzen",
  importSure: "Dieses Zuhause und sein ganzes Gedächtnis durch die Sicherung ersetzen?",
  importDone: "Das Zuhause ist ersetzt. Was vorher da war, liegt in {kept} im Datenordner.",
  importUnreadable:
    "{name} ist nicht lesbar: Die Datei ist keine Sicherung eines Zuhauses, oder sie ist beschädigt. Nichts wurde geändert.",
};
