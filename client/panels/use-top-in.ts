import { type RefObject, useLayoutEffect, useState } from "react";

/** How far below the top of what scrolls an element begins; what stands above it in its parent comes and goes. */
export function useTopIn(scroller: HTMLElement | null, element: RefObject<HTMLElement | null>): number {
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
