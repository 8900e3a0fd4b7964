import OpenSeadragon from "openseadragon";

/** What OpenSeadragon prints of tiles that were given up with their frame, or are asked for once more: no trouble of anybody. */
const expected = /^(Tile %s failed to load|Ignoring tile %s loaded before reset)/;

/** Everything else it prints stays. */
export function quietTiles(): void {
  const { console: printing } = OpenSeadragon as unknown as { console: Console };
  const without =
    (print: (...words: unknown[]) => void) =>
    (...words: unknown[]) => {
      if (!expected.test(String(words[0]))) print(...words);
    };
  Object.assign(OpenSeadragon, {
    console: {
      ...methodsOf(printing),
      warn: without((...words) => printing.warn(...words)),
      error: without((...words) => printing.error(...words)),
    },
  });
}

function methodsOf(printing: Console) {
  const { log, debug, info, assert } = printing;
  return { log, debug, info, assert };
}
