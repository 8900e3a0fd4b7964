import { expect, it } from "vitest";
import { refuseKnownNonPicture } from "#core/formats/not-a-picture.ts";

const refuse = (text: string, name: string) => refuseKnownNonPicture(new TextEncoder().encode(text), name);

it.each([
  ["#FORMAT : EMSA/MAS Spectral Data File\n", "a.msa", "an EMSA/MAS spectrum"],
  ["%PDF-1.7\n", "paper", "a PDF document"],
  ["# made by hand\ndata_Sb\n_cell_length_a 4.3\n", "Sb.cif", "a crystal structure (CIF)"],
  ["PK\u0003\u0004", "table.xlsx", "an Office document"],
  ["t/s,U/V\n0,0.1\n1,0.2\n2,0.3\n3,0.", "run.csv", "a table of numbers"],
  ["0 0.1 0.2\n1 0.3 0.4\n2 0.5 0.6\n3 0.7", "run.txt", "a table of numbers"],
  ["10.0 1200\n10.1 1210\n10.2 1190\n", "scan.xy", "a table of numbers"],
  [
    "0 0.1 0.2 0.9 0.25 0.85 0.5 0.1 0.5 0.05 0.3\n",
    "a.txt",
    "a list of outlines for a detector in training (YOLO)",
  ],
  ["cell opened at noon", "notes.txt", "a note"],
])("%j called %s is %s, and can be attached", (text, name, what) => {
  expect(() => refuse(text, name)).toThrow(`This is ${what}, not a picture. Attach it`);
  try {
    refuse(text, name);
  } catch (error) {
    expect(error).toMatchObject({ code: "not-a-picture" });
  }
});

it.each([
  ["some text of nobody knows what", "readme"],
  ["\u0000\u0001\u0002\u0003", "image.dat"],
  ["PK\u0003\u0004", "archive.zip"],
])("%j called %s is left to others to explain", (text, name) => {
  expect(() => refuse(text, name)).not.toThrow();
});
