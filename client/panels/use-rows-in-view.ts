import { useVirtualizer, type VirtualizerOptions } from "@tanstack/react-virtual";
import { type RefObject, useLayoutEffect, useState } from "react";

type Rows = Pick<
  VirtualizerOptions<HTMLElement, HTMLElement>,
  "count" | "getItemKey" | "estimateSize" | "rangeExtractor"
>;

/** Beyond the view, for the Tab key and for a quick scroll. */
const overscan = 10;

/**
 * Which rows of a long list are on the page: those in view, and some around them.
 *
 * @param scroller what scrolls the list; null until it is there
 * @param list where its rows stand
 */
export function useRowsInView(scroller: HTMLElement | null, list: RefObject<HTMLElement | null>, rows: Rows) {
  const top = useTopIn(scroller, list);
  const virtualizer = useVirtualizer({
    getScrollElement: () => scroller,
    initialOffset: () => scroller?.scrollTop ?? 0,
    scrollMargin: top,
    overscan,
    ...rows,
  });
  return { top, virtualizer };
}

/** How far below the top of what scrolls an element begins; what stands above it in its parent comes and goes. */
function useTopIn(scroller: HTMLElement | null, element: RefObject<HTMLElement | null>): number {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const own = element.current;
    if (!scroller || !own) return;
    const measure = () => {
      const within = own.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
      setTop(Math.round(within + scroller.scrollTop));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(own.parentElement!);
    return () => observer.disconnect();
  }, [scroller, element]);
  return top;
}
