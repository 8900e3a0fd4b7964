import { Tooltip } from "@mantine/core";
import { useEffect } from "react";
import { initialsOf } from "#client/pages/page-frame.tsx";
import { useFollowStore } from "#client/state/follow-store.ts";
import { usePersonStore } from "#client/state/person-store.ts";
import styles from "./people.module.css";
import { peopleIn } from "./people-in.ts";
import { usePresence } from "./use-document.ts";
import { useWorkspace } from "./workspace-context.ts";

const shownAtMost = 6;

/** Who is here. A click follows that person's view until I touch anything myself. */
export function People() {
  const { session, viewer } = useWorkspace();
  const others = usePresence(session);
  const { clientId, follow } = useFollowStore();
  const me = usePersonStore((state) => state.principal);
  const people = peopleIn(others);
  const viewport = clientId === null ? null : (others.get(clientId)?.viewport ?? null);

  useEffect(() => {
    if (viewport) viewer?.lookAt(viewport);
  }, [viewport, viewer]);
  useEffect(() => {
    if (clientId !== null && !others.has(clientId)) follow(null);
  }, [clientId, others, follow]);
  useEffect(() => {
    if (clientId === null) return;
    const letGo = () => follow(null);
    // Capture: the picture keeps its pointer events to itself.
    const kinds = ["pointerdown", "wheel", "keydown"] as const;
    for (const kind of kinds) addEventListener(kind, letGo, { capture: true, passive: true });
    return () => {
      for (const kind of kinds) removeEventListener(kind, letGo, { capture: true });
    };
  }, [clientId, follow]);

  return (
    <ul className={styles.people} aria-label="People here">
      {people.slice(0, shownAtMost).map(({ id, user }) => (
        <li key={user.principalId}>
          <Tooltip label={`${user.name}: follow`}>
            <button
              type="button"
              className={styles.avatar}
              data-following={id === clientId}
              style={{ background: user.colour }}
              aria-label={`Follow ${user.name}`}
              aria-pressed={id === clientId}
              onClick={() => follow(id)}
            >
              {initialsOf(user.name)}
            </button>
          </Tooltip>
        </li>
      ))}
      {people.length > shownAtMost && (
        <li className={`${styles.more} numbers`}>+{people.length - shownAtMost}</li>
      )}
      {me && (
        <li>
          <Tooltip label={`${me.name} (you)`}>
            <span className={styles.avatar} style={{ background: me.colour }}>
              {initialsOf(me.name)}
            </span>
          </Tooltip>
        </li>
      )}
    </ul>
  );
}

/** "Following Mara": over the picture, so that nobody wonders why it moves. */
export function FollowBanner() {
  const { session } = useWorkspace();
  const others = usePresence(session);
  const clientId = useFollowStore((state) => state.clientId);
  const user = clientId === null ? undefined : others.get(clientId)?.user;
  if (!user) return null;
  return (
    <div className={styles.banner} style={{ borderColor: user.colour }} role="status">
      Following {user.name}: move or press anything to let go
    </div>
  );
}
