import { type DriverQuestion, type Localised, sentences } from "../model/index.ts";

/** What a field is called where it is asked for and wherever it is spoken of; `hint`: what to know about it. */
export const labelOf = (field: "url" | "username" | "password" | "apiKey" | "site", hint?: Localised): Localised => {
  const text = (language: keyof Localised) => `${sentences[language][`field-${field}`]}${hint ? ` (${hint[language]})` : ""}`;
  return { en: text("en"), de: text("de") };
};

/** The questions most routers share. */
export const askForUrl = (suggestion: string, required = true): DriverQuestion => ({
  field: "url",
  label: labelOf("url"),
  required,
  secret: false,
  suggestion,
});
export const askForUsername = (suggestion?: string): DriverQuestion => ({
  field: "username",
  label: labelOf("username"),
  required: true,
  secret: false,
  ...(suggestion === undefined ? {} : { suggestion }),
});
export const askForPassword: DriverQuestion = {
  field: "password",
  label: labelOf("password"),
  required: true,
  secret: true,
};
