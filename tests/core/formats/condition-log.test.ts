import { describe, expect, it } from "vitest";
import { readConditionLog } from "#core/formats/condition-log.ts";
import { LogError } from "#core/formats/log-error.ts";
import { conditionsAt, frameTimeS, offsetByClocks } from "#core/micrograph/condition-log.ts";
import { createRandom } from "#core/random/generator.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (text: string) => readConditionLog(bytes(text));
const refusal = (text: string) => {
  try {
    read(text);
  } catch (error) {
    if (error instanceof LogError) return { code: error.code, sentence: error.message };
    throw error;
  }
  throw new Error("It was read.");
};
const channelsOf = (log: ReturnType<typeof read>) =>
  log.channels.map(({ quantity, label, unit, values }) => [quantity, label, unit, ...Array.from(values)]);

describe("tables over time as instruments write them", () => {
  it("headings with a slash, semicolons, decimal commas", () => {
    const log = read("time/s;Ewe/V;<I>/mA\n0,0;1,25;-0,5\n0,5;1,20;-0,6\n");
    expect(Array.from(log.timesS)).toEqual([0, 0.5]);
    expect(channelsOf(log)).toEqual([
      ["potential", "Ewe", "V", 1.25, 1.2],
      ["current", "<I>", "mA", -0.5, -0.6],
    ]);
    expect(log.startedAt).toBeNull();
  });

  it("hours, a temperature in brackets, columns that are not read", () => {
    const log = read("Time (h), T (°C), Pressure (mbar), note\n0, 25, 1000, start\n0.5, 80, 1001, hot\n");
    expect(Array.from(log.timesS)).toEqual([0, 1800]);
    expect(channelsOf(log)).toEqual([["temperature", "T", "°C", 25, 80]]);
    expect(log.leftOut).toEqual(["Pressure (mbar)", "note"]);
  });

  it("EC-Lab: lines before the headings, Latin-1, a start on the clock", () => {
    const text = [
      "EC-Lab ASCII FILE",
      "Nb header lines : 6",
      "",
      "Acquisition started on : 10/23/2025 14:05:32.120",
      "Cell temperature : 25 \u00b0C",
      "mode\tox/red\ttime/s\tcontrol/V/mA\tEwe/V\t<I>/mA\tTemperature/\u00b0C\t(Q-Qo)/mA.h\t",
      "1\t0\t1.0E+001\t-1.0\t2.5\t-1.0E-003\t25.1\t0\t",
      "1\t0\t2.0E+001\t-1.0\t2.4\t-1.1E-003\t25.2\t0\t",
    ].join("\r\n");
    const log = readConditionLog(Uint8Array.from(text, (character) => character.charCodeAt(0)));
    expect(Array.from(log.timesS)).toEqual([10, 20]);
    expect(log.channels.map(({ label, unit }) => `${label} ${unit}`)).toEqual([
      "Ewe V",
      "<I> mA",
      "Temperature °C",
    ]);
    expect(log.startedAt).toBe("2025-10-23T14:05:32.120");
    expect(log.leftOut).toContain("control/V/mA");
  });

  it("a line of units below the headings", () => {
    const log = read("Pt\tT\tVf\tIm\n#\ts\tV vs. Ref.\tA\n0\t0.1\t1.5\t1e-6\n1\t0.2\t1.6\t2e-6\n");
    expect(Array.from(log.timesS)).toEqual([0.1, 0.2]);
    expect(channelsOf(log)).toEqual([
      ["potential", "Vf", "V", 1.5, 1.6],
      ["current", "Im", "A", 1e-6, 2e-6],
    ]);
  });

  it("elapsed h:min:s beside the time of a step, quoted cells", () => {
    const log = read(
      '"Test_Time(h:min:s)","Step_Time(s)","Voltage(V)"\n"0:00:10","3","3.2"\n"1:00:10.5","1","3.3"\n',
    );
    expect(Array.from(log.timesS)).toEqual([10, 3610.5]);
  });

  it("clock times past midnight, dated clock times with a zone, AM and PM", () => {
    expect(Array.from(read("Time\tT (K)\n23:59:50\t300\n00:00:10\t301\n").timesS)).toEqual([0, 20]);
    const dated = read("Date_Time;T_C\n2026-03-01T14:05:32.25+02:00;20\n2026-03-01T14:06:02.25+02:00;21\n");
    expect(Array.from(dated.timesS)).toEqual([0, 30]);
    expect(dated.startedAt).toBe("2026-03-01T14:05:32.25+02:00");
    const american = read("Date,T (C)\n10/23/2025 01:00:00 PM,20\n10/23/2025 01:00:05 PM,21\n");
    expect(american.startedAt).toBe("2025-10-23T13:00:00");
  });

  it("an elapsed time beside a clock: the clock says when its zero was", () => {
    const log = read("time/s\tclock\tT (°C)\n60\t2026-03-01 14:01:00\t20\n61\t2026-03-01 14:01:01\t20\n");
    expect(Array.from(log.timesS)).toEqual([60, 61]);
    expect(log.startedAt).toBe("2026-03-01T14:00:00.000");
  });

  it("cells that are empty are no values; ends of a step share a time", () => {
    const log = read("time/s,E/V,T (°C)\n0,1,\n1,2,30\n1,5,30\n2,6,nan\n");
    expect(channelsOf(log)).toEqual([
      ["potential", "E", "V", 1, 2, 5, 6],
      ["temperature", "T", "°C", Number.NaN, 30, 30, Number.NaN],
    ]);
  });
});

describe("what is no log is refused with what to do", () => {
  it.each([
    ["name,colour\na,b\nc,d\n", "not-a-log", "headings"],
    ["", "not-a-log", "headings"],
    ["\u0000\u0001\u0002binary", "not-a-log", "mpt"],
    ["Ewe/V;I/mA\n1;2\n3;4\n", "no-time", '"Ewe/V", "I/mA"'],
    ["time;Ewe/V\n1;2\n3;4\n", "no-time", '"time/s"'],
    ["time/s;charge/mA.h\n1;2\n3;4\n", "no-quantity", '"charge/mA.h"'],
    ["time/s;E/V\n0;1\n5;1\n4;1\n", "time-order", "Line 4"],
    ["time/s;E/V\n0;1\n1;much\n", "bad-cell", 'Line 3, "E/V"'],
    ["time/s;E/V;T/K\n0;1;300\n1;2\n", "bad-cell", "Line 3 has 2 cells"],
    ["time/s;E/V\n0,5;1.5\n1;2\n", "bad-cell", "decimal comma"],
    ["time/s;E/V\nsoon;1\n1;2\n", "bad-cell", '"soon"'],
    ["time/s;E/V\n0;1\n", "not-a-log", "one sample"],
    ["date;E/V\n03/04/2026 10:00:00;1\n04/04/2026 10:00:00;1\n", "bad-cell", "which number is the day"],
  ])("%j", (text, code, part) => {
    const { code: given, sentence } = refusal(text);
    expect(given).toBe(code);
    expect(sentence).toContain(part);
  });
});

it("whatever the bytes are, a log is read or refused", () => {
  const random = createRandom(Number(process.env.SEED ?? 20261123));
  const good = bytes('"time/s";"Ewe/V";"T (°C)"\n"0,5";"1";"25"\n1;2;26\n2020-01-01 10:00:00;3;27\n');
  let read = 0;
  for (let n = 0; n < 4000; n++) {
    const damaged = good.slice(0, Math.floor(random() * good.length));
    for (let flips = 0; flips < 3 && damaged.length > 0; flips++)
      damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256);
    try {
      readConditionLog(damaged);
      read++;
    } catch (error) {
      expect(error).toBeInstanceOf(LogError);
    }
  }
  expect(read).toBeGreaterThan(0);
});

it("a line as long as the file, and a file of nothing but lines, are refused at once", () => {
  expect(refusal(`time ${" ".repeat(2_000_000)}(s;E/V\n1;2\n`).code).toBe("no-time");
  expect(refusal("\n".repeat(1_000_001)).code).toBe("log-too-large");
  expect(refusal("time/constructor;E/V\n1;2\n2;3\n").code).not.toBe("bad-cell");
});

describe("conditions of a moment", () => {
  const log = read("time/s,E/V,I/mA\n10,1,\n20,2,5\n20,4,7\n30,8,\n");
  const at = (timeS: number) => conditionsAt(log, timeS).map(({ label, value }) => [label, value]);

  it("lie on the line between the samples around it", () => {
    expect(at(15)).toEqual([["E", 1.5]]);
    expect(at(25)).toEqual([["E", 6]]);
  });

  it("at a sample are that sample, at a switch the value after it", () => {
    expect(at(10)).toEqual([["E", 1]]);
    expect(at(20)).toEqual([
      ["E", 4],
      ["I", 7],
    ]);
    expect(at(30)).toEqual([["E", 8]]);
  });

  it("outside of the log are none", () => {
    for (const outside of [9.999, 30.001, Number.NaN, -1]) expect(at(outside)).toEqual([]);
  });
});

it("frames have the file's times, or a person's interval, or none", () => {
  expect(frameTimeS([5, 5.5, 7], 1, 2)).toBe(2);
  expect(frameTimeS(null, 0.25, 4)).toBe(1);
  expect(frameTimeS(null, null, 4)).toBeNull();
});

it("clocks of both tell the offset, where both know their zone or neither does", () => {
  expect(offsetByClocks("2026-03-01T14:00:00+02:00", "2026-03-01T12:01:30Z")).toBe(90);
  expect(offsetByClocks("2026-03-01T14:00:00.5", "2026-03-01T14:00:10")).toBe(9.5);
  expect(offsetByClocks("2026-03-01T14:00:00", "2026-03-01T14:00:10Z")).toBeNull();
  expect(offsetByClocks(null, "2026-03-01T14:00:10Z")).toBeNull();
});
