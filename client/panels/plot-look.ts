import uPlot from "uplot";

/** How every plot of the pages looks: the colours of the page as they are now, and axes in them. */
export function plotLook(element: HTMLElement) {
  const css = getComputedStyle(element);
  const colour = (variable: string) => css.getPropertyValue(variable).trim();
  const font = "11px system-ui, sans-serif";
  const axis = {
    stroke: colour("--mantine-color-dimmed"),
    grid: { stroke: colour("--hairline"), width: 1 },
    ticks: { stroke: colour("--hairline"), width: 1, size: 4 },
    ...{ font, labelFont: font, labelSize: 16 },
  };
  return { colour, axis, accent: colour("--mantine-color-accent-4") };
}

/** A plot as wide as the element it stands in, for as long as it stands. @returns the plot, and what takes it away */
export function standingPlot(
  element: HTMLElement,
  options: Omit<uPlot.Options, "width">,
  data: uPlot.AlignedData,
): { readonly plot: uPlot; readonly remove: () => void } {
  const { height } = options;
  const plot = new uPlot({ ...options, width: element.clientWidth }, data, element);
  const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
  resize.observe(element);
  const remove = () => {
    resize.disconnect();
    plot.destroy();
  };
  return { plot, remove };
}
