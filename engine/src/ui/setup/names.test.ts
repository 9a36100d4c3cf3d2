import { expect, it } from "vitest";
import { namesIn } from "./names.ts";

it.each([
  [["anns-laptop", "Anns-iPhone", "ann-pc"], ["Ann"]],
  [["iPhone-von-Jörg", "Jörgs-MBP"], ["Jörg"]],
  [
    ["Lars-iPhone", "james_galaxy-s23", "Klaus-Handy"],
    ["Lars", "James", "Klaus"],
  ],
  [["bob-work-laptop"], ["Bob"]],
  [
    [
      "Galaxy-S23",
      "iPad",
      "DESKTOP-4F2K",
      "living-room-tv",
      "PS5-livingroom",
      "apple-tv",
      "Samsung-Galaxy",
      "office-pc",
      "printer",
      "annspictures",
    ],
    [],
  ],
])("%j sound like %j", (hostnames, names) => expect(namesIn(hostnames, [])).toEqual(names));

it("leaves out who is known, by name or id", () => {
  const people = [{ id: "ann", name: "Ann Smith" }, { id: "bob" }];
  expect(namesIn(["anns-laptop", "bobs-phone", "carols-phone"], people)).toEqual(["Carol"]);
});
