import { Kbd, Modal } from "@mantine/core";
import styles from "./keys-help.module.css";
import { allTools } from "./tools.ts";

const others: readonly (readonly [string, string])[] = [
  ["1 – 9", "class of the next mark"],
  ["Space + drag", "pan in any tool"],
  ["Wheel, pinch", "zoom at the pointer"],
  ["Shift 1 / 2 / 0", "fit, fit the selection, 1:1"],
  ["O", "hide the marks; held: peek"],
  ["Z held", "laser pointer: everybody sees where you point"],
  ["Enter / Esc", "finish / one step back"],
  ["Backspace, Delete", "last point, or the selected mark"],
  ["/", "other side of the interface"],
  ["G", "two selected traces become one gap"],
  ["Ctrl held", "no following of edges, no snapping"],
  ["[ and ]", "size of the brush (Alt erases), width of the profile"],
  ["Shift, Alt at the first press", "add to, cut from the selected region"],
  ["Arrows", "nudge the selection, else pan (Shift ×10)"],
  [", and .", "previous and next frame"],
  ["S", "next signal, such as bright and dark field"],
  ["Shift , and .", "previous and next state of the series"],
  ["Ctrl Z / Ctrl Y", "undo / redo, your own gestures only"],
  ["Ctrl D", "duplicate"],
  ["Ctrl S", "is it saved?"],
  ["Ctrl K", "command palette"],
  ["?", "this list"],
];

/** Letters act while the picture has the focus: a click on it is enough. */
export default function KeysHelp({ close }: { readonly close: () => void }) {
  return (
    <Modal opened onClose={close} title="Keys" size={720}>
      <div className={styles.columns}>
        <ul>
          {allTools.map(({ id, key, label }) => (
            <li key={id}>
              <Kbd>{key}</Kbd> {label}
            </li>
          ))}
        </ul>
        <ul>
          {others.map(([keys, what]) => (
            <li key={keys}>
              <Kbd>{keys}</Kbd> {what}
            </li>
          ))}
        </ul>
      </div>
      <p className="dim small">Letters act while the picture has the focus; a click on it is enough.</p>
    </Modal>
  );
}
