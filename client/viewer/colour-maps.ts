import type { ColourMap } from "#client/state/display-store.ts";

type Colour = readonly [r: number, g: number, b: number];

/**
 * Support colours at equal steps; straight lines between them stay within 3/255 of the published tables.
 * viridis, inferno: matplotlib (CC0); cividis: Nuñez, Anderton & Renslow, PLoS ONE 13 (2018) e0199239 (CC0);
 * fire: the map microscopists know by that name, by its eight main stations.
 */
const supports: Readonly<Record<ColourMap, readonly Colour[]>> = {
  grey: [
    [0, 0, 0],
    [255, 255, 255],
  ],
  viridis: [
    [68, 1, 84],
    [71, 19, 101],
    [72, 36, 117],
    [70, 52, 128],
    [65, 68, 135],
    [59, 82, 139],
    [53, 95, 141],
    [47, 108, 142],
    [42, 120, 142],
    [37, 132, 142],
    [33, 145, 140],
    [30, 156, 137],
    [34, 168, 132],
    [47, 180, 124],
    [68, 191, 112],
    [94, 201, 98],
    [122, 209, 81],
    [155, 217, 60],
    [189, 223, 38],
    [223, 227, 24],
    [253, 231, 37],
  ],
  cividis: [
    [0, 34, 78],
    [0, 47, 109],
    [39, 60, 110],
    [64, 74, 108],
    [84, 87, 109],
    [101, 101, 112],
    [117, 116, 117],
    [134, 130, 120],
    [152, 145, 119],
    [170, 160, 115],
    [189, 177, 110],
    [210, 195, 100],
    [232, 213, 86],
    [254, 232, 56],
  ],
  inferno: [
    [0, 0, 4],
    [7, 5, 27],
    [22, 11, 57],
    [42, 11, 84],
    [66, 10, 104],
    [87, 16, 110],
    [106, 23, 110],
    [127, 30, 108],
    [147, 38, 103],
    [168, 46, 95],
    [188, 55, 84],
    [207, 68, 70],
    [221, 81, 58],
    [233, 97, 43],
    [243, 120, 25],
    [249, 142, 9],
    [252, 165, 10],
    [251, 191, 36],
    [246, 215, 70],
    [242, 239, 117],
    [252, 255, 164],
  ],
  fire: [
    [0, 0, 0],
    [0, 0, 96],
    [122, 0, 160],
    [185, 0, 110],
    [235, 60, 20],
    [255, 125, 0],
    [255, 190, 0],
    [255, 235, 85],
    [255, 255, 255],
  ],
};

/** 256 colours of a map, dark end first, three bytes each. */
export function colourTable(map: ColourMap): Uint8Array {
  const stations = supports[map];
  const table = new Uint8Array(768);
  for (let i = 0; i < 256; i++) {
    const position = (i / 255) * (stations.length - 1);
    const left = Math.min(stations.length - 2, Math.floor(position));
    const t = position - left;
    for (let c = 0; c < 3; c++) {
      const [a, b] = [stations[left]![c]!, stations[left + 1]![c]!];
      table[i * 3 + c] = Math.round(a + (b - a) * t);
    }
  }
  return table;
}
