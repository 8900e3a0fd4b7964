import { ActionIcon, Button, Switch, Tooltip } from "@mantine/core";
import { IconPresentation } from "@tabler/icons-react";
import { followersOf } from "#client/state/follow-room.ts";
import { useFollowStore } from "#client/state/follow-store.ts";
import { initialsOf } from "./initials-of.ts";
import styles from "./people.module.css";
import { peopleIn } from "./people-in.ts";
import { usePresence } from "./use-document.ts";
import { useFollowing } from "./use-following.ts";
import { useWorkspace } from "./workspace-context.ts";

const shownAtMost = 6;

/** Who is here. A click follows that person's view until I touch anything myself, or click again. */
export function People() {
  const { session } = useWorkspace();
  const others = usePresence(session);
  const { clientId, follow } = useFollowStore();
  const people = peopleIn(others);
  const me = session.presence.clientId();
  useFollowing();
  return (
    <ul className={styles.people} aria-label="People here" data-following-controls>
      {people.slice(0, shownAtMost).map(({ id, user }) => {
        const following = id === clientId;
        const state = others.get(id);
        const doing = state?.presenting
          ? " presents"
          : state?.following === me
            ? " follows you"
            : state?.following
              ? ` follows ${nameOf(others.get(state.following)?.user?.name)}`
              : "";
        return (
          <li key={user.principalId}>
            <Tooltip label={`${user.name}${doing}${following ? ": let go" : ": follow"}`}>
              <button
                type="button"
                className={styles.avatar}
                data-following={following}
                data-presenting={state?.presenting === true}
                style={{ background: user.colour }}
                aria-label={following ? `Stop following ${user.name}` : `Follow ${user.name}`}
                aria-pressed={following}
                onClick={() => follow(following ? null : id)}
              >
                {initialsOf(user.name)}
              </button>
            </Tooltip>
          </li>
        );
      })}
      {people.length > shownAtMost && (
        <li className={`${styles.more} numbers`} title={people.map(({ user }) => user.name).join("\n")}>
          +{people.length - shownAtMost}
        </li>
      )}
    </ul>
  );
}

/** Everybody who is here comes to my view, until I stop or they let go. */
export function PresentButton() {
  const { session } = useWorkspace();
  const others = usePresence(session);
  const { presenting, present } = useFollowStore();
  if (others.size === 0 && !presenting) return null;
  const label = presenting ? "Stop presenting" : "Bring everyone here";
  return (
    <Tooltip label={label}>
      <ActionIcon
        aria-label={label}
        aria-pressed={presenting}
        variant={presenting ? "filled" : "subtle"}
        className={styles.present ?? ""}
        data-following-controls
        onClick={() => present(!presenting)}
      >
        <IconPresentation size={18} />
      </ActionIcon>
    </Tooltip>
  );
}

/** Over the picture, so that nobody wonders why it moves: who is followed, who asks for it, who follows me. */
export function FollowBanner() {
  const { session } = useWorkspace();
  const others = usePresence(session);
  const { clientId, askedBy, presenting, takesDisplay, showsDisplay, follow, decline, ...set } =
    useFollowStore();
  if (presenting) {
    const { following, here } = followersOf(others, session.presence.clientId());
    return (
      <div className={styles.banner} role="status" data-following-controls>
        <span className="numbers">
          <strong>You present</strong>: {following} of {here} {here === 1 ? "follows" : "follow"}
        </span>
        <Switch
          size="xs"
          label="Show my contrast"
          checked={showsDisplay}
          onChange={(event) => set.showDisplay(event.currentTarget.checked)}
        />
        <Button size="compact-xs" variant="default" onClick={() => set.present(false)}>
          Stop
        </Button>
      </div>
    );
  }
  const asking = askedBy === null ? undefined : others.get(askedBy)?.user;
  if (askedBy !== null && asking) {
    return (
      <div
        className={styles.banner}
        style={{ borderColor: asking.colour }}
        role="status"
        data-following-controls
      >
        <span className="ellipsis">
          <strong>{asking.name}</strong> presents and asks everyone to follow
        </span>
        <Button size="compact-xs" onClick={() => follow(askedBy)}>
          Follow
        </Button>
        <Button size="compact-xs" variant="default" onClick={decline}>
          Stay here
        </Button>
      </div>
    );
  }
  const state = clientId === null ? undefined : others.get(clientId);
  if (!state?.user) return null;
  return (
    <div
      className={styles.banner}
      style={{ borderColor: state.user.colour }}
      role="status"
      data-following-controls
    >
      <span className="ellipsis">
        {state.presenting ? (
          <>
            <strong>{state.user.name}</strong> presents
          </>
        ) : (
          <>
            Following <strong>{state.user.name}</strong>
          </>
        )}
      </span>
      {state.presenting && state.display && (
        <Switch
          size="xs"
          label="Their contrast"
          checked={takesDisplay}
          onChange={(event) => set.takeDisplay(event.currentTarget.checked)}
        />
      )}
      <Button size="compact-xs" variant="default" onClick={decline} title="Any input of yours does so too">
        Let go
      </Button>
    </div>
  );
}

const nameOf = (name: string | undefined) => name ?? "somebody";
