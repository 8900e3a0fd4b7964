import { describe, expect, it } from "vitest";
import { bunzip2 } from "#core/formats/bunzip2.ts";

const fromBase64 = (text: string) => new Uint8Array(Buffer.from(text, "base64"));
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");

/** Made by the reference implementation, 1.0.8. */
const packed = {
  mixed: fromBase64(
    "QlpoOTFBWSZTWQaZkY4AAE5/////////////////////////////////////////////sADwkkwAEwABMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABqUhPQj0aAmTTBohgmjEyaZMJjQRoYBGmgyNNDGo9RoMjAjTABNMmQaNAYRkyYJpiZNNNGTIGgyZGCGCGAEyYJMABMAATAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABNKHBydaAqdnh7odEWPj8ugIKEhoiLo0ZH0iRpUlKS0x1MFCEIAYTk/TafUKCipKapqVXVatWV1jWLK1rVvXLi7r15fYGHYMTGyGWVmZ2jY7Jp2aoQhAPJtWprbG1ub3Bx223ctw57ndbveOjqaABBljOMgm/RwAQHADvwOCbABA8PL0a4fELgAgKgAgNlgAQHJ7xeM98fkcnlPj7y+Y/P8BAwUHzedCc+FhoeIiYqLjI2OjY6PkJGSk5SVlpeYmZqbnJ2en6ChoqOkpaanqKmqq6ytrq+wsbKztLW2t7hKuW26u7y9vr/AwcLDxMXGx8jJysvMzc7P0NHS09TV1tfY2drb3N3e3+Dh4uPk5ebn6Onq6+zt7sPExcbHyMn/ZWWxD/yuZm52eLuSKcKEgDTMjHA==",
  ),
  joined: fromBase64(
    "QlpoOTFBWSZTWbI5C90AAAABgAEgHAAgACGDQZoCXHF3JFOFCQsjkL3QQlpoOTFBWSZTWVXQhS8AAAARgEAADgGIACAAMQwBDTGpzgB4u5IpwoSCroQpeA==",
  ),
};
const mixed = "Lamella ".repeat(40) + String.fromCharCode(...Array(256).keys()) + "a".repeat(700);
const limit = 1 << 20;

describe("bzip2", () => {
  it("unpacks every byte, runs and streams that follow one another", () => {
    expect(text(bunzip2(packed.mixed, limit))).toBe(mixed);
    expect(text(bunzip2(packed.joined, limit))).toBe("first second");
  });

  it("refuses what is cut at any byte, in a sentence", () => {
    for (let length = 1; length < packed.mixed.length; length++) {
      expect(() => bunzip2(packed.mixed.subarray(0, length), limit)).toThrow(/bzip2 stream/);
    }
  });

  it("never gives wrong bytes: a flipped bit is found by the checksum", () => {
    for (let bit = 32; bit < packed.mixed.length * 8 - 8; bit += 5) {
      const flipped = packed.mixed.slice();
      flipped[bit >> 3]! ^= 0x80 >> (bit & 7);
      let found = mixed; // a code that no symbol uses may be any
      try {
        found = text(bunzip2(flipped, limit));
      } catch (error) {
        expect((error as Error).message).toMatch(/bzip2 stream/);
      }
      expect(found, `bit ${bit}`).toBe(mixed);
    }
  });

  it("stops a bomb at the limit", () => {
    expect(() => bunzip2(packed.mixed, 500)).toThrow(
      expect.objectContaining({ code: "too-large", message: expect.stringContaining("500 bytes") }),
    );
  });
});
