import { ActionIcon, Menu, Tooltip, useMantineColorScheme } from "@mantine/core";
import { IconLogout, IconMoon, IconSun } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { sentenceOf } from "#client/state/api-client.ts";
import { usePersonStore } from "#client/state/person-store.ts";
import { navigate } from "#client/state/router.ts";
import { toast } from "#client/state/toast-store.ts";
import { Link } from "./link.tsx";
import styles from "./page-frame.module.css";

/** The bar above the pages that are not the workspace, and the column below it. */
export function PageFrame(props: {
  readonly crumb?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <div className={styles.frame}>
      <header className={styles.bar}>
        <Brand />
        {props.crumb && <span className={styles.divider}>/</span>}
        <div className={`${styles.crumb} ellipsis`}>{props.crumb}</div>
        <div className={styles.actions}>
          {props.actions}
          <ColourSchemeToggle />
          <PersonMenu />
        </div>
      </header>
      <main className={styles.main}>{props.children}</main>
    </div>
  );
}

export function Brand() {
  return (
    <Link href="/" className={styles.brand} aria-label="Lamella: all projects">
      <Mark />
      <span>Lamella</span>
    </Link>
  );
}

/** A film coming off its substrate. */
export function Mark({ size = 22 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <path d="M4 23.5 28 17v4L4 27.5z" fill="var(--mantine-color-dimmed)" />
      <path
        d="M4 17c7.2-1.9 8.4-7.8 13.2-9.1 4.1-1.1 6 3 10.8 1.7v4.200c-4.800 1.3-6.7-2.8-10.8-1.7C12.400 13.4 11.2 19.3 4 21.2z"
        fill="var(--mantine-color-accent-5)"
      />
    </svg>
  );
}

export function ColourSchemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const next = colorScheme === "light" ? "dark" : "light";
  return (
    <Tooltip label={`Switch to ${next}`}>
      <ActionIcon aria-label={`Switch to ${next} colours`} onClick={() => setColorScheme(next)}>
        {next === "light" ? <IconSun size={18} /> : <IconMoon size={18} />}
      </ActionIcon>
    </Tooltip>
  );
}

export function PersonMenu() {
  const { principal, signOut } = usePersonStore();
  if (!principal) return null;
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <button
          type="button"
          className={styles.person}
          style={{ background: principal.colour }}
          aria-label={`Signed in as ${principal.name}`}
        >
          {initialsOf(principal.name)}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={styles.who}>
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
        <Menu.Item
          leftSection={<IconLogout size={16} />}
          onClick={() =>
            signOut().then(
              () => navigate("/"),
              (error) => toast(sentenceOf(error), "danger"),
            )
          }
        >
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** "Mara Lindqvist (guest of A. Owner)" → "ML" */
export function initialsOf(name: string): string {
  const words = name
    .replace(/\(.*\)/, "")
    .trim()
    .split(/\s+/);
  const letters =
    words.length > 1
      ? [words[0]!, words.at(-1)!].map((word) => [...word][0])
      : [...(words[0] ?? "?")].slice(0, 2);
  return letters.join("").toUpperCase();
}
