import { FormatError } from "./reader.ts";

/** Numbers in columns against one of them: a spectrum, a voltammogram, a diffractogram. */
export interface ColumnData {
  readonly title: string;
  readonly x: { readonly label: string; readonly values: readonly number[] };
  /** At least one; gaps where a row says nothing. */
  readonly ys: readonly { readonly label: string; readonly values: readonly (number | null)[] }[];
}

const mostRows = 500_000;
const mostColumns = 12;

/**
 * Two-column data as text: EMSA/MAS spectra (ISO 22029), and rows of numbers separated by tabs, semicolons, commas or
 * blanks, with headings and comments above them. A decimal comma is read where semicolons or tabs separate. Units stand
 * in the labels as the file writes them; nothing is converted.
 *
 * @throws FormatError "not-a-picture" where the text holds no columns of numbers, "too-large"
 */
export function readColumnData(text: string): ColumnData {
  const clean = text.replace(/^\ufeff/, "");
  return /^\s*#FORMAT\s*:\s*EMSA/i.test(clean) ? readEmsa(clean) : readTable(clean);
}

function readEmsa(text: string): ColumnData {
  const header = new Map<string, string>();
  const numbers: number[] = [];
  for (const line of linesOf(text)) {
    const tag = /^#\s*([A-Z0-9]+)\s*-?\s*[^:]*:\s*(.*)$/i.exec(line);
    if (tag) {
      if (/^ENDOFDATA/i.test(tag[1]!)) break;
      header.set(tag[1]!.toUpperCase(), tag[2]!.trim());
    } else if (!line.startsWith("#") && line.trim() !== "") {
      for (const part of line.split(/[\s,]+/).filter(Boolean)) numbers.push(Number(part));
    }
    if (numbers.length > 2 * mostRows) throw tooLong();
  }
  const valid = numbers.filter(Number.isFinite);
  const named = (label: string, unit: string | undefined) =>
    [header.get(label), header.get(unit ?? "")].filter(Boolean).join(", ");
  const isPairs = (header.get("DATATYPE") ?? "Y").toUpperCase().startsWith("XY");
  const offset = Number(header.get("OFFSET") ?? 0);
  const perChannel = Number(header.get("XPERCHAN") ?? 1);
  if (valid.length === 0 || !Number.isFinite(offset) || !Number.isFinite(perChannel)) throw noColumns();
  const count = isPairs ? Math.floor(valid.length / 2) : valid.length;
  return {
    title: header.get("TITLE") ?? "",
    x: {
      label: named("XLABEL", "XUNITS") || "channel",
      values: Array.from({ length: count }, (_, i) => (isPairs ? valid[2 * i]! : offset + i * perChannel)),
    },
    ys: [
      {
        label: named("YLABEL", "YUNITS") || "counts",
        values: Array.from({ length: count }, (_, i) => (isPairs ? valid[2 * i + 1]! : valid[i]!)),
      },
    ],
  };
}

function readTable(text: string): ColumnData {
  const lines = linesOf(text).filter((line) => line.trim() !== "");
  const separator = separatorOf(lines);
  const cellsOf = (line: string) => {
    const cells = separator === " " ? line.trim().split(/\s+/) : line.split(separator);
    // A separator at the end of every line makes no column.
    return cells.at(-1)?.trim() === "" ? cells.slice(0, -1) : cells;
  };
  const numberOf = (cell: string | undefined) => {
    const plain = (cell ?? "").trim().replace(/^"(.*)"$/, "$1");
    const pointed = separator === "," ? plain : plain.replace(/^([+-]?\d+),(\d+)/, "$1.$2");
    return pointed !== "" && /^[+-]?(\d|\.\d)/.test(pointed) ? Number(pointed) : Number.NaN;
  };
  const isData = (line: string) => {
    const cells = cellsOf(line);
    return cells.length >= 2 && cells.slice(0, 2).every((cell) => Number.isFinite(numberOf(cell)));
  };
  const first = lines.findIndex(isData);
  const rows = first < 0 ? [] : lines.slice(first).filter(isData).map(cellsOf);
  if (rows.length < 2) throw noColumns();
  if (rows.length > mostRows) throw tooLong();
  const columns = Math.min(mostColumns, Math.max(...rows.slice(0, 100).map(({ length }) => length)));
  const heading = first > 0 ? cellsOf(lines[first - 1]!.replace(/^[#;%!]\s*/, "")) : [];
  const labelOf = (column: number) => {
    const label = heading.length >= 2 ? (heading[column] ?? "").trim().replace(/^"(.*)"$/, "$1") : "";
    return label !== "" ? label : `column ${column + 1}`;
  };
  const comment = first > 0 && /^[#;%!]/.test(lines[0]!) ? lines[0]!.replace(/^[#;%!]\s*/, "") : "";
  return {
    title: first > 1 ? comment : "",
    x: { label: labelOf(0), values: rows.map((row) => numberOf(row[0])) },
    ys: Array.from({ length: columns - 1 }, (_, i) => ({
      label: labelOf(i + 1),
      values: rows.map((row) => {
        const value = numberOf(row[i + 1]);
        return Number.isFinite(value) ? value : null;
      }),
    })).filter(({ values }) => values.some((value) => value !== null)),
  };
}

/** What separates the cells of most lines. */
function separatorOf(lines: readonly string[]): string {
  const sample = lines.slice(-200);
  const most = (separator: string) =>
    sample.filter((line) => line.includes(separator)).length > sample.length / 2;
  return ["\t", ";", ","].find(most) ?? " ";
}

const linesOf = (text: string) => text.split(/\r\n|\n|\r/);

function noColumns(): FormatError {
  return new FormatError(
    "not-a-picture",
    "Expected columns of numbers; this file has none. It is kept as it is.",
  );
}

function tooLong(): FormatError {
  return new FormatError(
    "too-large",
    `Up to ${mostRows} rows are plotted; this file has more. It is kept as it is.`,
  );
}
