import { Button } from "@mantine/core";
import { IconEye, IconHandMove, IconMessageCircle } from "@tabler/icons-react";
import { useState } from "react";
import { usePersonStore } from "#client/state/person-store.ts";
import styles from "./first-hints.module.css";
import { useRight } from "./workspace-context.ts";

const storageName = "lamella hints seen";

/** Three things a guest needs in the first ten seconds; shown once on this computer. */
export function FirstHints() {
  const guest = usePersonStore((state) => state.principal?.kind === "guest");
  const annotate = useRight("annotate");
  const comment = useRight("comment");
  const [seen, setSeen] = useState(wereSeen);
  if (!guest || seen) return null;
  const touch = matchMedia("(pointer: coarse)").matches;
  const dismiss = () => {
    setSeen(true);
    try {
      localStorage.setItem(storageName, "yes");
    } catch {
      // Seen again next time: no harm.
    }
  };
  return (
    <aside className={styles.hints} aria-label="First steps">
      <ul>
        <li>
          <IconHandMove size={18} />
          <span>
            <strong>Move:</strong>{" "}
            {touch
              ? "drag with one finger, pinch to zoom."
              : annotate.allowed
                ? "hold space and drag; the wheel zooms."
                : "drag the picture; the wheel zooms."}
          </span>
        </li>
        {comment.allowed && (
          <li>
            <IconMessageCircle size={18} />
            <span>
              <strong>Comment:</strong> {touch ? "the pin" : "press C"}, then {touch ? "tap" : "click"} where
              you mean.
            </span>
          </li>
        )}
        <li>
          <IconEye size={18} />
          <span>
            <strong>Follow:</strong> {touch ? "tap" : "click"} somebody’s round picture above to see what they
            see.
          </span>
        </li>
      </ul>
      <Button size="compact-sm" onClick={dismiss}>
        Got it
      </Button>
    </aside>
  );
}

function wereSeen(): boolean {
  try {
    return localStorage.getItem(storageName) !== null;
  } catch {
    return true;
  }
}
