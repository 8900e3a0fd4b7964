import { Button, Menu, Modal, useMantineColorScheme } from "@mantine/core";
import { IconLogout, IconMoon, IconServerCog, IconSun, IconUserCog, IconUserUp } from "@tabler/icons-react";
import { useState } from "react";
import { sentenceOf } from "#client/state/api-client.ts";
import { usePersonStore } from "#client/state/person-store.ts";
import { navigate } from "#client/state/router.ts";
import { signOutHere, waitingEdits } from "#client/state/sign-out.ts";
import { toast } from "#client/state/toast-store.ts";
import styles from "./dialog.module.css";
import { initialsOf } from "./initials-of.ts";
import own from "./person-menu.module.css";

/** Who I am here, light or dark, and the way out. */
export function PersonMenu() {
  const { principal, institute } = usePersonStore();
  // Holding transitions back writes a style element, which the content security policy forbids.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const [waiting, setWaiting] = useState(0);
  if (!principal) return null;
  const next = colorScheme === "light" ? "dark" : "light";
  const leave = () => signOutHere().catch((error) => toast(sentenceOf(error), "danger"));
  const ask = async () => {
    const count = await waitingEdits();
    if (count > 0) setWaiting(count);
    else await leave();
  };
  return (
    <>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <button
            type="button"
            className={own.person}
            style={{ background: principal.colour }}
            aria-label={`Signed in as ${principal.name}`}
          >
            {initialsOf(principal.name)}
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <div className={own.who}>
            <strong>{principal.name}</strong>
            <span className="dim small">
              {principal.kind === "guest"
                ? "Guest by link"
                : principal.administrator
                  ? "Administrator"
                  : "Member"}
            </span>
          </div>
          <Menu.Divider />
          {principal.kind === "person" && (
            <Menu.Item leftSection={<IconUserCog size={16} />} onClick={() => navigate("/account")}>
              Your account
            </Menu.Item>
          )}
          {principal.kind === "guest" && institute && (
            <Menu.Item
              component="a"
              leftSection={<IconUserUp size={16} />}
              href={`/api/v1/session/institute?path=${encodeURIComponent(`${location.pathname}${location.search}`)}`}
            >
              Sign in with {institute.name}
            </Menu.Item>
          )}
          {principal.administrator && (
            <Menu.Item leftSection={<IconServerCog size={16} />} onClick={() => navigate("/administration")}>
              Administration
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={next === "light" ? <IconSun size={16} /> : <IconMoon size={16} />}
            onClick={() => setColorScheme(next)}
          >
            {next === "light" ? "Light colours" : "Dark colours"}
          </Menu.Item>
          <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void ask()}>
            Sign out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={waiting > 0} onClose={() => setWaiting(0)} title="Sign out and lose edits?">
        <p className={styles.lead}>
          <strong>
            {waiting} {waiting === 1 ? "edit of yours has" : "edits of yours have"} not reached the server.
          </strong>{" "}
          Signing out deletes what this computer keeps. Stay signed in until the connection is back, and{" "}
          {waiting === 1 ? "it is" : "they are"} sent.
        </p>
        <div className={styles.buttons}>
          <Button variant="default" onClick={() => setWaiting(0)}>
            Stay signed in
          </Button>
          <Button
            color="red"
            onClick={() => {
              setWaiting(0);
              void leave();
            }}
          >
            Sign out and delete
          </Button>
        </div>
      </Modal>
    </>
  );
}
