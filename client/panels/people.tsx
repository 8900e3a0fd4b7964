import { ActionIcon, Tooltip } from "@mantine/core";
import { IconPresentation } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { useFollowStore } from "#client/state/follow-store.ts";
import { initialsOf } from "./initials-of.ts";
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

  usePresenters();

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
    </ul>
  );
}

/** Whoever begins to present is followed by everybody who does not decline; I tell the room when it is me. */
function usePresenters(): void {
  const { session } = useWorkspace();
  const others = usePresence(session);
  const { presenting, follow } = useFollowStore();
  const before = useRef<ReadonlySet<number>>(new Set());
  useEffect(() => {
    const now = new Set([...others].filter(([, state]) => state.presenting).map(([id]) => id));
    const begun = [...now].find((id) => !before.current.has(id));
    const { clientId } = useFollowStore.getState();
    if (clientId !== null && before.current.has(clientId) && !now.has(clientId)) follow(null);
    else if (begun !== undefined && !useFollowStore.getState().presenting) follow(begun);
    before.current = now;
  }, [others, follow]);
  useEffect(() => {
    if (!presenting) return;
    session.presence.setLocal({ presenting: true });
    return () => session.presence.setLocal({ presenting: false });
  }, [presenting, session]);
  // Another micrograph is another room: presenting ends with this one.
  useEffect(() => () => useFollowStore.setState({ presenting: false, clientId: null }), []);
}

/** Everybody who is here comes to my view, until I stop or they let go. */
export function PresentButton() {
  const { session } = useWorkspace();
  const others = usePresence(session);
  const { presenting, present } = useFollowStore();
  if (others.size === 0 && !presenting) return null;
  const label = presenting ? "Stop presenting" : "Present: bring everybody to my view";
  return (
    <Tooltip label={label}>
      <ActionIcon
        aria-label={label}
        aria-pressed={presenting}
        variant={presenting ? "filled" : "subtle"}
        className={styles.present ?? ""}
        onClick={() => present(!presenting)}
      >
        <IconPresentation size={18} />
      </ActionIcon>
    </Tooltip>
  );
}

/** "Following Mara": over the picture, so that nobody wonders why it moves. */
export function FollowBanner() {
  const { session } = useWorkspace();
  const others = usePresence(session);
  const clientId = useFollowStore((state) => state.clientId);
  const presenting = useFollowStore((state) => state.presenting);
  const state = clientId === null ? undefined : others.get(clientId);
  const user = state?.user;
  if (presenting) {
    return (
      <div className={styles.banner} role="status">
        You present: everybody here is brought to your view
      </div>
    );
  }
  if (!user) return null;
  return (
    <div className={styles.banner} style={{ borderColor: user.colour }} role="status">
      <span className="ellipsis">
        {state.presenting ? `${user.name} presents` : `Following ${user.name}`}
      </span>
      <span className={styles.way}>move or press anything to let go</span>
    </div>
  );
}
