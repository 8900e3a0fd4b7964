import { CloseButton } from "@mantine/core";
import { type CSSProperties, type PointerEvent, type ReactNode, useRef, useState } from "react";
import styles from "./floating-panel.module.css";

interface FloatingPanelProps {
  readonly title: string;
  /** What stands beside the title, cut off where it is long. */
  readonly note: ReactNode;
  readonly widthPx: number;
  /** The corner of the picture it begins in. */
  readonly corner: "left" | "right";
  readonly close: () => void;
  readonly children: ReactNode;
}

/** How much of it stays within the picture, whatever is dragged. */
const keptPx = 80;

/** A panel over the picture, moved by its head. The picture beneath stays alive: it is no dialog. */
export function FloatingPanel({ title, note, widthPx, corner, close, children }: FloatingPanelProps) {
  const panel = useRef<HTMLElement>(null);
  const [moved, setMoved] = useState({ x: 0, y: 0 });
  const drag = useRef<{ readonly x: number; readonly y: number } | null>(null);
  const start = (event: PointerEvent<HTMLElement>) => {
    if ((event.target as Element).closest("button")) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { x: event.clientX - moved.x, y: event.clientY - moved.y };
  };
  const move = (event: PointerEvent) => {
    const element = panel.current;
    const around = element?.parentElement;
    if (!drag.current || !element || !around) return;
    const box = element.getBoundingClientRect();
    const room = around.getBoundingClientRect();
    const home = { x: box.left - moved.x, y: box.top - moved.y };
    const within = (at: number, least: number, most: number) => Math.max(least, Math.min(most, at));
    setMoved({
      x: within(
        event.clientX - drag.current.x,
        room.left - home.x - box.width + keptPx,
        room.right - home.x - keptPx,
      ),
      y: within(event.clientY - drag.current.y, room.top - home.y, room.bottom - home.y - 40),
    });
  };
  return (
    <section
      ref={panel}
      className={styles.panel}
      aria-label={title}
      data-corner={corner}
      style={
        {
          "--panel-width": `${widthPx}px`,
          transform: `translate(${moved.x}px, ${moved.y}px)`,
        } as CSSProperties
      }
    >
      <header
        className={styles.head}
        onPointerDown={start}
        onPointerMove={move}
        onPointerUp={() => {
          drag.current = null;
        }}
        onPointerCancel={() => {
          drag.current = null;
        }}
      >
        <h2>{title}</h2>
        <span className={`${styles.note} numbers`}>{note}</span>
        <CloseButton size="sm" aria-label={`Close ${title}`} onClick={close} />
      </header>
      <div className={styles.body}>{children}</div>
    </section>
  );
}
