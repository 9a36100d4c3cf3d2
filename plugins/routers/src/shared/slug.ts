/** The name of something on a router as a plan can say it: "Mullvad DE" -> "mullvad-de". */
export const slug = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
