import type { DriverQuestion } from "../model/index.ts";

/** The questions most routers share. */
export const askForUrl = (suggestion: string, required = true): DriverQuestion => ({
  field: "url",
  label: { en: "Address", de: "Adresse" },
  required,
  secret: false,
  suggestion,
});
export const askForUsername = (suggestion?: string): DriverQuestion => ({
  field: "username",
  label: { en: "User name", de: "Benutzername" },
  required: true,
  secret: false,
  ...(suggestion === undefined ? {} : { suggestion }),
});
export const askForPassword: DriverQuestion = {
  field: "password",
  label: { en: "Password", de: "Passwort" },
  required: true,
  secret: true,
};
