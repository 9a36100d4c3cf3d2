/** What applications of the catalogue that have no name of their own are called in German, by what the catalogue calls them. */
export const applicationsGerman: Readonly<Record<string, string>> = {
  "Network time": "Uhrzeit (NTP)",
  "Voice over IP (SIP)": "Internettelefonie (SIP)",
  "Remote desktop": "Fernzugriff",
  "Cloud storage": "Cloud-Speicher",
};
