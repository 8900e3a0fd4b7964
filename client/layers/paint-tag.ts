const font = '500 11.5px Inter, "Segoe UI", system-ui, -apple-system, sans-serif';
const lineHeightPx = 15;
const padding = { x: 7, y: 4 } as const;

/** Words on a dark plate, of one size at every zoom; (x, y) is the plate's top left corner. */
export function paintTag(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  accent: string,
  plate: "dark" | "filled" = "dark",
) {
  const lines = text.split("\n").filter(Boolean);
  if (lines.length === 0) return;
  context.font = font;
  context.textBaseline = "middle";
  const width = Math.max(...lines.map((line) => context.measureText(line).width)) + 2 * padding.x;
  const height = lines.length * lineHeightPx + 2 * padding.y - 2;
  const [left, top] = [Math.round(x), Math.round(y)];
  context.beginPath();
  context.roundRect(left, top, width, height, 4);
  context.fillStyle = plate === "dark" ? "rgba(13, 17, 19, 0.82)" : accent;
  context.fill();
  if (plate === "dark") {
    context.beginPath();
    context.roundRect(left, top, 2.5, height, [4, 0, 0, 4]);
    context.fillStyle = accent;
    context.fill();
  }
  context.fillStyle = plate === "dark" ? "#f1f5f6" : "#0d1113";
  lines.forEach((line, i) => {
    context.fillText(line, left + padding.x, top + padding.y - 1 + (i + 0.5) * lineHeightPx);
  });
}
